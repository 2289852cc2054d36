/** File with the CA, for clients to trust, in the folder of the certificates. */
export const CA_FILE = 'ca.pem'
