"""One file per rule with logic, found by discovery, loaded lazily."""
