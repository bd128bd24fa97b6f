// Who one is, and what one signs in and acts with.
import type { Scope } from './common';

export interface SignInMethods {
  password: boolean;
  oidc: { name: string } | null;
  device: boolean;
  first_administrator: boolean;
}

export interface Me {
  name: string;
  user: string | null; // null: by the Unix socket, and no user of Curfew
  display_name: string | null;
  administrator: boolean;
  groups: string[];
  via: 'sign_in' | 'token' | 'socket';
  scopes: Scope[];
  expires_at: string | null;
}

export interface SignedIn {
  me: Me;
  token: string | null;
  expires_at: string;
}

export interface Token {
  id: string;
  user: string;
  name: string;
  scopes: Scope[];
  created_at: string;
  expires_at: string;
  last_used_at: string | null;
}

// Somebody's account in a chat, by which they act in their own name.
export interface ChatAccount {
  id: string; // to unlink it by
  provider: 'slack';
  team: string;
  account: string;
  user: string;
  linked_by: string;
  linked_at: string;
}

// What a link of `/curfew link` would link, and to whom.
export interface ChatLinkOffer {
  provider: 'slack';
  team: string;
  account: string;
  name: string;
  user: string;
  expires_at: string;
}

export interface CreatedToken {
  token: Token;
  secret: string | null;
}

export interface OneTimeLink {
  user: string;
  code: string;
  url: string | null;
  expires_at: string;
}
