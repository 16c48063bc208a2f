"""Package systems, each read from files that its own programs made where they are to be had."""
