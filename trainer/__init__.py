"""Training of AudioCLIP: data, augmentation, objective, recipes, measures. Nothing else imports it."""
