"""The same work side by side with the machine's own floor and with the peers."""
