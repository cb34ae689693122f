"""What the store and the registry on Hopsworks share: one login, and errors that say what to do."""
