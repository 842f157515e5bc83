"""What the command line and a gateway of the same version have to agree on."""

from gateway.exits import Exit

#: below it stand the names of orders; whoever asks for it hears the gateway's version
ROOT = "/admin/v1/"
#: the header with the file that is meant
DATABASE = "dragoman-database"
#: the longest order, in bytes
MOST = 32 * 1024 * 1024
#: what HTTP says of a command that was not carried out
STATUS = {
    Exit.REFUSED: 409,
    Exit.USAGE: 400,
    Exit.SETTINGS: 400,
    Exit.DATABASE: 503,
    Exit.NETWORK: 503,
    Exit.FAULT: 500,
}
#: for whom nobody listens to
FORBIDDEN = b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
