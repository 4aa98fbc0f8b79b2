/**
 * A certificate for servers of the tests, which vouches for itself from 2020 to 2119. It was made by
 *
 * ```sh
 * openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost \
 *   -addext subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1 \
 *   -addext basicConstraints=critical,CA:FALSE -keyout key.pem -out request.pem
 * printf '%s\n' '[ca]' default_ca=it '[it]' database=index rand_serial=yes default_md=sha256 \
 *   policy=any copy_extensions=copy new_certs_dir=. '[any]' CN=supplied > ca.conf
 * touch index
 * openssl ca -batch -config ca.conf -selfsign -keyfile key.pem -in request.pem -out cert.pem \
 *   -notext -startdate 20200101000000Z -enddate 21200101000000Z
 * ```
 *
 * Its key is no secret, so nobody but a test is to trust it.
 *
 * @module
 */

/** The private key. */
export const KEY = `\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgZVzkUGi2q+D0w81l
Q4qRHeMQ+R+e3ZAqtgKylRw2HBihRANCAAQfKiJ+Gj9Zbt7CY2PboHocpv9Zyimp
z6EZZ4uUA2OS5j6DHRCRXa8Id85EV8vN+e5IwC8/vZt9RK6Uh6dhMitc
-----END PRIVATE KEY-----
`;

/** The certificate. */
export const CERT = `\
-----BEGIN CERTIFICATE-----
MIIBiDCCAS+gAwIBAgIUflhO6TSekmgIeX206XyAzqNKc3cwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAx
MDAwMDAwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQfKiJ+Gj9Zbt7CY2PboHocpv9Zyimpz6EZZ4uUA2OS5j6DHRCRXa8I
d85EV8vN+e5IwC8/vZt9RK6Uh6dhMitco10wWzAsBgNVHREEJTAjgglsb2NhbGhv
c3SHBH8AAAGHEAAAAAAAAAAAAAAAAAAAAAEwDAYDVR0TAQH/BAIwADAdBgNVHQ4E
FgQUR9RZjedkjyUMhUvC+MdqWW3edZ0wCgYIKoZIzj0EAwIDRwAwRAIgQwBr2N4m
Y5BCOq8ctDUEOVK5/Sg+xuPJ1VRpY2ajg0ICIBq962k2Sm/Xp+Ib46Pk7OYHLHO0
njtb8OUwpPsflX0F
-----END CERTIFICATE-----
`;
