"""Rules for build contexts and their ignore files, one a file."""
