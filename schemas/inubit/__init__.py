"""INUBIT on the wire."""
