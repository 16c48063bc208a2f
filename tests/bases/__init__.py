"""Base images: what is known of them, and what runs on them."""
