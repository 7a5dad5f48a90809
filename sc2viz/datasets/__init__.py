"""Where the rows of a data set come from: packages that are installed anyway, or a .npz of the reader."""
