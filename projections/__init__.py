"""Live views folded from the facts, and their publication to every gateway."""
