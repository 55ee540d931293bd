"""Re-delivery cases: every refused record followed until it is mended, taken back, objected to, or overdue."""
