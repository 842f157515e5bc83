"""The infoRouter dialect: ASMX over GET, POST form, SOAP 1.1 and SOAP 1.2."""
