"""Products of the Channels window: own ones of bound shops, and promoted ones of others."""
