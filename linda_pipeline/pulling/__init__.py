"""From a CPO's server to raw: a delivery whole, or named incomplete."""
