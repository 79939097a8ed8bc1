/**
 * Passkeys as they travel: WebAuthn's JSON forms (Level 3, 5.1.8 to 5.1.10), in which bytes are
 * base64url. Older browsers speak only in bytes, so the conversion is done here for all of them.
 */
type Json = Record<string, unknown>;

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(plain, (char) => char.charCodeAt(0));
}

export function textOf(bytes: ArrayBuffer | ArrayBufferView): string {
  const view = ArrayBuffer.isView(bytes)
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new Uint8Array(bytes);
  const plain = Array.from(view, (byte) => String.fromCharCode(byte)).join('');
  return btoa(plain).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** What a browser needs to make a passkey. */
export function creationOptions(json: unknown): PublicKeyCredentialCreationOptions {
  const options = inner(json);
  const user = options.user as Json;
  return {
    ...options,
    challenge: bytesOf(options.challenge as string),
    user: { ...user, id: bytesOf(user.id as string) },
    ...listed('excludeCredentials', options),
  } as unknown as PublicKeyCredentialCreationOptions;
}

/** What a browser needs to use one. */
export function requestOptions(json: unknown): PublicKeyCredentialRequestOptions {
  const options = inner(json);
  return {
    ...options,
    challenge: bytesOf(options.challenge as string),
    ...listed('allowCredentials', options),
  } as unknown as PublicKeyCredentialRequestOptions;
}

/** What the browser answered, for the server. */
export function credentialJson(credential: PublicKeyCredential): Json {
  return {
    id: credential.id,
    rawId: textOf(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: responseJson(credential.response),
  };
}

function responseJson(response: AuthenticatorResponse): Json {
  const clientDataJSON = textOf(response.clientDataJSON);
  if ('attestationObject' in response) {
    const made = response as AuthenticatorAttestationResponse;
    return {
      clientDataJSON,
      attestationObject: textOf(made.attestationObject),
      transports: made.getTransports?.() ?? [],
    };
  }
  const used = response as AuthenticatorAssertionResponse;
  return {
    clientDataJSON,
    authenticatorData: textOf(used.authenticatorData),
    signature: textOf(used.signature),
    userHandle: used.userHandle ? textOf(used.userHandle) : undefined,
  };
}

/** The options, also where they come in the envelope that `navigator.credentials` takes. */
function inner(json: unknown): Json {
  const options = json as Json;
  return (options.publicKey as Json | undefined) ?? options;
}

function listed(name: string, options: Json): Json {
  const list = options[name] as { id: string }[] | undefined;
  return list ? { [name]: list.map((one) => ({ ...one, id: bytesOf(one.id) })) } : {};
}

/** Whether this browser can keep and use passkeys at all. */
export function hasPasskeys(): boolean {
  return typeof window.PublicKeyCredential === 'function';
}

/** Makes a passkey; throws a `DOMException` when nobody agreed to it. */
export async function makePasskey(options: unknown): Promise<Json> {
  const made = await navigator.credentials.create({ publicKey: creationOptions(options) });
  return credentialJson(made as PublicKeyCredential);
}

/** Uses a passkey. `conditional`: offered among the suggestions of a field, and asked for by nothing else. */
export async function showPasskey(
  options: unknown,
  how: { signal?: AbortSignal; conditional?: boolean } = {},
): Promise<Json> {
  const used = await navigator.credentials.get({
    publicKey: requestOptions(options),
    signal: how.signal,
    ...(how.conditional && { mediation: 'conditional' as const }),
  });
  return credentialJson(used as PublicKeyCredential);
}
