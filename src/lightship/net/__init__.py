"""The one HTTP client: bounded, resumable, retrying, no credentials across hosts; unix sockets."""
