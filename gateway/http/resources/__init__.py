"""The models of a talk as resources, beside the commands: to read all, and to change what one may.

``shapes`` says what is told, ``kinds`` which command each method asks for, ``reading`` and
``changing`` do it, ``offered`` makes operations of it.
"""
