"""Images and reports of the same records found in each other, as Qiu et al. 2023 measure it."""
