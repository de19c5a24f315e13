"""Cases of the wire suite, a module per topic; each has register(suite)."""
