"""How exact codes are found, compiled for the CPU: `lasso.solve` and `lasso.path` choose among these methods."""
