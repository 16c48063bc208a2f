"""`registry:` an image in a registry, read over the network: names, credentials, client, layers."""
