"""What pages of the catalogue read; nothing here changes a row."""
