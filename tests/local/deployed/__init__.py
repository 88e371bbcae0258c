"""The application deployed on the emulator, as the tests start, ask and stop it."""
