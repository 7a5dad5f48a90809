"""What is read and written: files of unknown origin are checked before they are believed."""
