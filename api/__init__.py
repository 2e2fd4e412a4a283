"""What every endpoint has in common: errors, amounts, pages, filters, permissions, limits. Knows no model."""
