"""An assistant that answers questions about this demo, word by word."""
