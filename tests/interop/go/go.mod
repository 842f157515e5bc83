module dragoman/interop

go 1.19

require github.com/tiaguinho/gosoap v1.4.4

require (
	golang.org/x/net v0.0.0-20191209160850-c0dbc17a3553 // indirect
	golang.org/x/text v0.3.2 // indirect
)
