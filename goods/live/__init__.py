"""Live goods: WeChat's rules for them, what we send, what we read back."""
