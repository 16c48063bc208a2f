"""One file per rule with logic: dockerfile/ image/ context/ platform/.

Found by discovery, loaded lazily.
"""
