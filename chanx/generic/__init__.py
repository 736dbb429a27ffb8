"""The consumer, its metaclass and its authenticator."""
