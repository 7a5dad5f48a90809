"""What runs in threads of its own while readers look."""
