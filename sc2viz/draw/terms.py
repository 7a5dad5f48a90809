"""The colours of the terms of a cell, in a tone for each theme, in every figure and style sheet that has them."""

TERMS = {
    "memory": ("#6b3fa0", "#c4a5ee"),
    "input": ("#0b6e69", "#58cfc4"),
    "forget": ("#a3420d", "#f2a26b"),
    "candidate": ("#1d5fa8", "#86bdf5"),
    "output": ("#5a5f66", "#b8bcc2"),
    "activation": ("#9c1f54", "#f294bd"),
}
