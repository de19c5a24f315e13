"""Cases of the clients suite, a module per client; each has register(suite)."""
