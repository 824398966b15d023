/**
 * Certificates for tests: self-signed, made anew each time.
 *
 * @module
 */
import { Buffer } from "node:buffer";

/** A certificate and its key, as PEM. */
export interface Certificate {
  /** The certificate; also its own authority. */
  readonly cert: string;
  /** The private key. */
  readonly key: string;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256" };
const commonName = [0x55, 0x04, 0x03];
const subjectAltName = [0x55, 0x1d, 0x11];
const ecdsaWithSha256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];

/** One element of ASN.1's DER: a tag, a length and the contents. */
function der(tag: number, ...contents: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const body = Buffer.concat(contents.map((each) => Uint8Array.from(each)));
  const { length } = body;
  const lengthBytes = length < 128
    ? [length]
    : length < 256
    ? [0x81, length]
    : [0x82, length >> 8, length & 255];
  return Buffer.concat([Uint8Array.from([tag, ...lengthBytes]), body]);
}

const sequence = (...contents: readonly (Uint8Array | readonly number[])[]) =>
  der(0x30, ...contents);
const identifier = (bytes: readonly number[]) => der(0x06, bytes);
const text = (tag: number, value: string) => der(tag, new TextEncoder().encode(value));

/** WebCrypto gives a signature's two numbers bare; a certificate holds them as DER integers. */
function integer(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const rest = bytes.subarray(start);
  return der(0x02, rest[0]! >= 128 ? [0] : [], rest);
}

function pem(label: string, bytes: Uint8Array): string {
  const lines = Buffer.from(bytes).toString("base64").match(/.{1,64}/g)!.join("\n");
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

/** Makes a certificate for a host's name or IPv4 address. */
export async function selfSigned(host: string): Promise<Certificate> {
  const keys = await crypto.subtle.generateKey(algorithm, true, [
    "sign",
    "verify",
  ]) as CryptoKeyPair;
  const name = sequence(der(0x31, sequence(identifier(commonName), text(0x0c, "Rex-ORM test"))));
  const address = host.split(".").map(Number);
  const alternative = address.every(Number.isInteger) ? der(0x87, address) : text(0x82, host);
  const content = sequence(
    der(0xa0, der(0x02, [2])),
    integer(crypto.getRandomValues(new Uint8Array(8)).map((byte, i) => i === 0 ? byte | 1 : byte)),
    sequence(identifier(ecdsaWithSha256)),
    name,
    sequence(text(0x17, "200101000000Z"), text(0x17, "491231235959Z")),
    name,
    new Uint8Array(await crypto.subtle.exportKey("spki", keys.publicKey)),
    der(0xa3, sequence(sequence(identifier(subjectAltName), der(0x04, sequence(alternative))))),
  );
  const signature = new Uint8Array(
    await crypto.subtle.sign(
      { name: "ECDSA", hash: "SHA-256" },
      keys.privateKey,
      Uint8Array.from(content),
    ),
  );
  const both = sequence(integer(signature.subarray(0, 32)), integer(signature.subarray(32)));
  return {
    cert: pem(
      "CERTIFICATE",
      sequence(content, sequence(identifier(ecdsaWithSha256)), der(0x03, [0], both)),
    ),
    key: pem(
      "PRIVATE KEY",
      new Uint8Array(await crypto.subtle.exportKey("pkcs8", keys.privateKey)),
    ),
  };
}
