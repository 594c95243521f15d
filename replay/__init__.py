"""From the feedback of a talk to the highlights worth jumping to. Pure arithmetic."""
