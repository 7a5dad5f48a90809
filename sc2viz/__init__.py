"""See sparse coding: every solver of SC2Net (Zhou et al., AAAI 2018) is a recurrent cell, and pages draw what it does."""
