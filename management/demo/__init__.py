"""What makes the project a demo: its first page, its users, and the command that starts it."""
