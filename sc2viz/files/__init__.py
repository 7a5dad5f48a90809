"""What is read and written: files of unknown origin are checked before they are believed."""


class Refused(ValueError):
    """A file was refused, and the message names it: readers pass it on, and name the file in all other exceptions."""
