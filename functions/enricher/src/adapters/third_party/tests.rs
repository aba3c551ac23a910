//! What third parties send -> what becomes of it, as the cases in tests/cases/enricher/adapters say.
