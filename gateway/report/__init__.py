"""What a replay, or a comparison of two recordings, came to: for a terminal, a browser, a program, a build server."""
