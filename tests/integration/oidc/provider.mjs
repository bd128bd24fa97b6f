// An OpenID provider on a free port of the loopback, over TLS: oidc-provider, with its own pages to sign in on.
//
//     node provider.mjs CERTIFICATE KEY REDIRECT_URI
//
// Prints `listening PORT`, then serves until it is killed. Whoever signs in as NAME is NAME, by any password; what
// is claimed about them stands in `people`. Beside the provider's own routes:
//     POST /test/rotate   new signing keys, the old ones published no more: prints `rotated`
//     GET /test/requests  how often each path was asked for, as JSON
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

import Provider from 'oidc-provider';

const [certificate, key, redirectUri] = process.argv.slice(2);

const people = {
  alice: { preferred_username: 'alice', email: 'Alice@Example.com', email_verified: true, groups: ['dba', 'staff'] },
  bob: { preferred_username: 'bob', email: 'bob@example.com', email_verified: false, groups: 'oncall' },
  mallory: { preferred_username: 'mallory' },
  root: { preferred_username: 'root', groups: ['administrators'] },
};

let generation = 0;
function signingKeys() {
  generation += 1;
  const jwk = (type, options, name) => ({
    ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), use: 'sig', kid: `${name}-${generation}`,
  });
  return {
    keys: [
      jwk('rsa', { modulusLength: 2048 }, 'rsa'),
      jwk('ec', { namedCurve: 'P-256' }, 'ec'),
      jwk('ed25519', {}, 'ed'),
    ],
  };
}

function client(id, algorithm, method) {
  return {
    client_id: id,
    ...(method === 'none' ? {} : { client_secret: 'a secret: with % and + in it' }),
    token_endpoint_auth_method: method,
    id_token_signed_response_alg: algorithm,
    redirect_uris: [redirectUri],
    response_types: ['code'],
    grant_types: ['authorization_code', 'urn:ietf:params:oauth:grant-type:device_code'],
  };
}

function configuration() {
  return {
    clients: [
      client('curfew', 'RS256', 'client_secret_basic'),
      client('curfew-ps256', 'PS256', 'client_secret_basic'),
      client('curfew-es256', 'ES256', 'client_secret_basic'),
      client('curfew-eddsa', 'EdDSA', 'client_secret_basic'),
      client('curfew-hs256', 'HS256', 'client_secret_basic'),
      client('curfew-public', 'RS256', 'none'),
    ],
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA', 'HS256'] },
    jwks: signingKeys(),
    cookies: { keys: ['only for tests'] },
    claims: {
      openid: ['sub'],
      profile: ['preferred_username'],
      email: ['email', 'email_verified'],
      groups: ['groups'],
    },
    scopes: ['openid', 'profile', 'email', 'groups'],
    features: { devInteractions: { enabled: true }, deviceFlow: { enabled: true } },
    findAccount: (context, id) => ({
      accountId: id,
      claims: async () => ({ sub: id, ...people[id] }),
    }),
    ttl: { DeviceCode: 600, AuthorizationCode: 60, Interaction: 600, Session: 600, Grant: 600, IdToken: 600, AccessToken: 600 },
  };
}

let issuer;
let answer;
function begin() {
  answer = new Provider(issuer, configuration()).callback();
}

const requests = {};
const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (request, response) => {
  const path = request.url.split('?')[0];
  if (path === '/test/rotate') {
    begin();
    console.log('rotated');
    response.writeHead(204).end();
  } else if (path === '/test/requests') {
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify(requests));
  } else {
    requests[path] = (requests[path] ?? 0) + 1;
    answer(request, response);
  }
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  issuer = `https://localhost:${port}`;
  begin();
  console.log(`listening ${port}`);
});
