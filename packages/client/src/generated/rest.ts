// @ts-nocheck -- the generator knows nothing of exactOptionalPropertyTypes
/**
 * Vedette
 * 1
 * DO NOT MODIFY - This file has been generated using oazapfts.
 * See https://www.npmjs.com/package/oazapfts
 */
import * as Oazapfts from "@oazapfts/runtime";
import * as QS from "@oazapfts/runtime/query";
export const defaults: Oazapfts.Defaults<Oazapfts.CustomHeaders> = {
    headers: {},
    baseUrl: "/"
};
const oazapfts = Oazapfts.runtime(defaults);
export const servers = {};
export type AuthState = {
    /** The first account has still to be made. */
    setupNeeded: boolean;
    user?: {
        id: string;
        name: string;
        /** One of the house, or of the tenant's own. */
        role: string;
        /** Operations that this person may do, such as `Mutation.executeResponse`. */
        may: string[];
    };
    /** Identity providers that prove people of the first organisation. */
    providers?: {
        name: string;
    }[];
};
export type Fault = {
    error: {
        /** Stable: `unauthenticated`, `forbidden`, `not-found`, `bad-input`, `rate-limited` ... */
        code: string;
        /** For people. */
        message: string;
    };
};
export type OwnAccount = {
    /** False for whom an identity provider proves. */
    has_password: boolean;
    second_factor: {
        /** How many are left. */
        recovery_codes: number;
    } | null;
    tenants: {
        id: string;
        name: string;
        /** One of the house, or of the tenant's own. */
        role: string;
        current: boolean;
    }[];
    sessions: {
        id: string;
        current: boolean;
        created_at: string;
        expires_at: string;
        address: string;
        /** What the browser said of itself. */
        program: string;
    }[];
    passkeys: {
        id: string;
        name: string;
        /** A copy of it is elsewhere. */
        backed_up: boolean;
        /** The host name that it is for. */
        host: string;
        created_at: string;
        last_used: string | null;
    }[];
    keys: {
        id: string;
        name: string;
        /** Its name. */
        tenant: string;
        /** What it is for; null for all that its owner may do. */
        operations: string[] | null;
        created_at: string;
        expires_at: string | null;
        last_used_at: string | null;
    }[];
};
export type ServiceToken = {
    /** A JWT (EdDSA) of a quarter of an hour. */
    access_token: string;
    token_type: "Bearer";
    expires_at: string;
};
export type ApiKey = {
    id: string;
    name: string;
    tenant: string;
    role: string;
    /** What it is for, of that which the role may do; null for all of it. */
    operations: string[] | null;
    made_by: string;
    created_at: string;
    expires_at: string | null;
    last_used_at: string | null;
};
export type HealthCheck = {
    name: string;
    status: "healthy" | "degraded" | "unhealthy";
    /** What was measured, as text. */
    value?: string;
    message: string;
};
export type Health = {
    status: "healthy" | "degraded" | "unhealthy";
    version: string;
    checks: HealthCheck[];
};
export type Keys = {
    /** The key that all others are wrapped with; null where there are none yet. */
    master: {
        id: string;
        "from": "generated" | "key" | "passphrase";
        since: string;
    } | null;
    keys: {
        /** What it is for. */
        "class": string;
        /** Whose; empty where it is nobody’s. */
        tenant: string;
        id: string;
        created_at: string;
        /** Keys before it, which still open what they sealed. */
        before: number;
    }[];
    /** Secrets that are still sealed with a key before the one in use. */
    pending: number;
};
export type RotatedKeys = {
    /** Keys that were made. */
    made: number;
    /** File in which the master key of before is kept. */
    kept: string | null;
};
export type Indicator = {
    id: string;
    "type": "sha256" | "sha1" | "md5" | "ipv4" | "ipv6" | "cidr" | "domain" | "domain_suffix" | "registered_domain" | "url" | "path" | "process_name";
    value: string;
    /** Who says so: a name given at the import, or `feed:<name>`. */
    source: string;
    /** 0 to 100. */
    confidence: number;
    severity: "informational" | "low" | "medium" | "high" | "critical";
    /** With whom it may be shared: Traffic Light Protocol 2.0. */
    tlp: "clear" | "green" | "amber" | "amber+strict" | "red";
    valid_from: string;
    valid_until: string | null;
    description: string | null;
    tags: string[];
    techniques: string[];
    added_at: string;
    /** How often it was seen here. */
    sightings: number;
    first_sighted: string | null;
    last_sighted: string | null;
};
export type ImportedIndicators = {
    dry_run: boolean;
    source: string;
    format: string;
    /** What a `place` counts. */
    unit: "line" | "item";
    read: number;
    valid: number;
    added: number;
    changed: number;
    unchanged: number;
    removed: number;
    malformed_count: number;
    /** The first 1,000, like every list here. */
    malformed: {
        place: number;
        reason: string;
        text: string;
    }[];
    duplicate_count: number;
    duplicates: {
        place: number;
        value: string;
    }[];
    suspect_count: number;
    suspects: {
        place: number;
        "type": "sha256" | "sha1" | "md5" | "ipv4" | "ipv6" | "cidr" | "domain" | "domain_suffix" | "registered_domain" | "url" | "path" | "process_name";
        value: string;
        kind: "special" | "benign";
        reason: string;
    }[];
    examples: {
        added: {
            "type": "sha256" | "sha1" | "md5" | "ipv4" | "ipv6" | "cidr" | "domain" | "domain_suffix" | "registered_domain" | "url" | "path" | "process_name";
            value: string;
        }[];
        removed: {
            "type": "sha256" | "sha1" | "md5" | "ipv4" | "ipv6" | "cidr" | "domain" | "domain_suffix" | "registered_domain" | "url" | "path" | "process_name";
            value: string;
        }[];
    };
};
export type RuleProblem = {
    file: string;
    /** 1-based; 0 where the fault has no place. */
    line: number;
    column: number;
    code: string;
    message: string;
    hint: string | null;
};
export type RuleHits = {
    id: string;
    title: string;
    severity: "informational" | "low" | "medium" | "high" | "critical";
    hits: number;
    first: string | null;
    last: string | null;
    days: {
        day: string;
        hits: number;
    }[];
    hosts: {
        name: string;
        hits: number;
    }[];
    programs: {
        name: string;
        hits: number;
    }[];
    examples: {
        time: string | null;
        host: string;
        program: string;
        title: string;
        place: string;
    }[];
};
export type Backtest = {
    tried: number;
    problem_count: number;
    /** The first 1,000. */
    problems: RuleProblem[];
    events: number;
    hits: number;
    seconds: number;
    /** It was ended before it was through. */
    cut: boolean;
    /** Rules that fired, the most often first. */
    rules: RuleHits[];
};
export type RuleDifference = {
    id: string;
    title: string;
    file: string;
    changes: {
        field: string;
        before?: string;
        after?: string;
    }[];
};
export type RulePlan = {
    rules: number;
    problem_count: number;
    problems: RuleProblem[];
    replaces: {
        name: string;
        "number": number;
        added_at: string;
    } | null;
    added_count: number;
    added: RuleDifference[];
    removed_count: number;
    removed: RuleDifference[];
    changed_count: number;
    changed: RuleDifference[];
    unchanged: number;
    /** Titles of rules that are in force already. */
    twice: string[];
    backtest: Backtest | null;
};
export type InstalledRules = {
    "number": number;
    time: string;
    action: string;
    packs: {
        name: string;
        "number": number;
        files: number;
        rules: number;
    }[];
};
export type Agent = {
    id: string;
    hostname: string;
    state: "connected" | "away" | "removed";
    /** SHA-256 of the agent's public key. */
    key: string;
    enrolled_at: string;
    enrolled_by: string;
    last_seen: string | null;
    removed_at: string | null;
    /** The tenant that it was handed to. */
    moved_to: string | null;
    certificate: {
        serial: string;
        issued_at: string;
        expires_at: string;
        revoked_at: string | null;
    } | null;
};
export type PendingAgent = {
    id: string;
    hostname: string;
    address: string;
    key: string;
    asked_at: string;
};
export type EnrolmentSecret = {
    id: string;
    created_by: string;
    created_at: string;
    expires_at: string;
    uses: number;
    uses_left: number;
};
export type NewEnrolmentSecret = {
    id: string;
    secret: string;
    uses: number;
    expires_at: string;
    /** Where agents come to. */
    server: string | null;
    /** Of the server's authority: agents trust it alone. */
    ca_fingerprint: string;
};
export type StoredBatch = {
    sequence: number;
    /** More than `events` when something was stored twice. */
    rows: number;
    /** Different event ids. */
    events: number;
    /** Least of the numbers at the end of the ids. */
    first: number;
    /** Greatest of them. */
    last: number;
};
export type Host = {
    id: string;
    hostname: string;
    state: "reporting" | "silent";
    kernel: string;
    /** Of its agent. */
    version: string;
    /** Which sensor of the kernel runs there: `ebpf` ... */
    sensor: string | null;
    first_seen: string;
    last_seen: string;
    /** Batches that wait there for the server. */
    spooled: number;
    /** Events that its parts lost since its agent started. */
    lost: number;
    parts: {
        name: string;
        state: "running" | "unavailable" | "failed" | "stopped";
        emitted: number;
        delivered: number;
        lost: number;
    }[];
};
export type RollOut = {
    id: string;
    group: string;
    from_revision: number;
    to_revision: number;
    state: "running" | "done" | "stopped";
    /** Share of the group that it has come to. */
    percent: number;
    agents: number;
    good: number | null;
    bad: number | null;
    hold_seconds: number;
    started_at: string;
    started_by: string;
    ended_at: string | null;
    reason: string | null;
};
export type ConfigGroup = {
    name: string;
    /** The lower comes first. */
    rank: number;
    /** Agents that are named. */
    members: string[];
    labels: {
        [key: string]: string;
    };
    /** Host names; `*` stands for anything. */
    hosts: string[];
    /** What holds for it. */
    revision: number;
    /** How many are of it now. */
    agents: number;
    roll_out: RollOut | null;
};
export type ConfigPlan = {
    group: string;
    changes: {
        path: string;
        before?: unknown;
        after?: unknown;
    }[];
    /** Why it cannot be done; empty where it can. */
    problems: string[];
    /** Host names, at most 100. */
    agents: string[];
    agent_count: number;
    /** null where it was only tried. */
    roll_out: RollOut | null;
};
export type ConfiguredAgent = {
    id: string;
    hostname: string;
    labels: {
        [key: string]: string;
    };
    group: string | null;
    connected: boolean;
    /** Of the program; empty before it told. */
    version: string;
    wanted_version: string | null;
    upgrade: "as_it_is" | "up_to_date" | "waiting_for_upgrade";
    /** null before it told. */
    state: ("own" | "trial" | "in_force") | null;
    revision: number | null;
    /** Why it went back from what it was given last. */
    failed: string | null;
    told_at: string | null;
    /** Every value that holds there, and where it comes from. */
    settings: {
        path: string;
        value: unknown;
        origin: string;
    }[];
};
export type Event = {
    event_id: string;
    event_type: "process" | "network" | "file" | "authentication" | "account" | "log" | "finding" | "system" | "protocol" | "usage" | "inventory" | "sensor";
    timestamp: string;
    host: string;
    host_id: string;
    /** What happened, in one line for people. */
    summary: string;
    /** The whole event, shaped after OCSF 1.8. */
    data: {
        [key: string]: unknown;
    };
};
export type Alert = {
    id: string;
    title: string;
    severity: "informational" | "low" | "medium" | "high" | "critical";
    status: "open" | "acknowledged" | "resolved";
    verdict: ("true_positive" | "false_positive" | "benign") | null;
    assignee: string | null;
    time: string;
    last_seen: string;
    /** Detections that it stands for. */
    count: number;
    host: string;
    host_id: string;
    entity: string;
    rule_id: string;
    /** Of ATT&CK. */
    techniques: string[];
    incident_id: string | null;
    event_ids: string[];
    /** Of its process tree when it fired, 0 to 100. */
    risk: number;
};
export type Incident = {
    id: string;
    title: string;
    description: string;
    severity: "informational" | "low" | "medium" | "high" | "critical";
    status: "open" | "investigating" | "closed";
    assignee: string | null;
    resolution: string | null;
    created_at: string;
    updated_at: string;
    closed_at: string | null;
    alert_count: number;
    host: string | null;
};
export type User = {
    id: string;
    name: string;
    roles: {
        tenant: string;
        role: string;
    }[];
    disabled: boolean;
    /** The password was made by an admin; the next sign-in sets another. */
    must_change: boolean;
    second_factor: boolean;
    created_at: string;
    last_sign_in: string | null;
};
export type UserWithPassword = {
    user: User;
    /** Told once; the first sign-in replaces it. */
    password: string;
};
export type Tenant = {
    id: string;
    name: string;
    /** null for the first one. */
    created_at: string | null;
};
export type Organization = {
    /** The id of its first tenant. */
    organization_id: string;
    tenants: Tenant[];
};
/**
 * Whether the first account has still to be made, and who is signed in.
 */
export function getAuthState(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: AuthState;
    } | {
        status: number;
        data: Fault;
    }>("/auth/state", {
        ...opts
    });
}
/**
 * Makes the first account, an admin, with the one-time token, and signs in.
 */
export function setUp({ body }: {
    body: {
        token: string;
        name: string;
        password: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: AuthState;
    } | {
        status: number;
        data: Fault;
    }>("/auth/setup", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Signs in; the session is in the cookie of the answer.
 */
export function signIn({ body }: {
    body: {
        name: string;
        password: string;
        /** One-time password or recovery code, for whoever has a second factor. */
        code?: string;
        /** In place of the code, by a passkey. */
        passkey?: {
            id: string;
            rawId: string;
            "type": "public-key";
            authenticatorAttachment?: string | null;
            clientExtensionResults?: {
                [key: string]: unknown;
            };
            response: {
                clientDataJSON: string;
                authenticatorData: string;
                signature: string;
                userHandle?: string | null;
            };
        };
        /** For whoever has to set another. */
        new_password?: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: AuthState;
    } | {
        status: number;
        data: Fault;
    }>("/auth/sign-in", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Ends the session.
 */
export function signOut(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {};
    } | {
        status: number;
        data: Fault;
    }>("/auth/sign-out", {
        ...opts,
        method: "POST"
    });
}
/**
 * Whoever is signed in: their second factor, tenants and sessions.
 */
export function getOwnAccount(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: OwnAccount;
    } | {
        status: number;
        data: Fault;
    }>("/auth/account", {
        ...opts
    });
}
/**
 * Sets another password; all other sessions end.
 */
export function changePassword({ body }: {
    body: {
        password: string;
        new_password: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            sessions_ended: number;
        };
    } | {
        status: number;
        data: Fault;
    }>("/auth/password", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Ends one of one's own sessions, or all but this one.
 */
export function endOwnSessions({ body }: {
    body: {
        /** Left out: all but this one. */
        id?: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            sessions_ended: number;
        };
    } | {
        status: number;
        data: Fault;
    }>("/auth/sessions/end", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Turns the session to another tenant in which its owner has a role.
 */
export function turnToTenant({ body }: {
    body: {
        tenant: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            tenant: string;
            /** One of the house, or of the tenant's own. */
            role: string;
        };
    } | {
        status: number;
        data: Fault;
    }>("/auth/tenant", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Makes a secret for an authenticator app. It counts once a code of it was typed.
 */
export function beginSecondFactor({ body }: {
    body: {
        password: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            secret: string;
            /** For a QR code (otpauth). */
            uri: string;
        };
    } | {
        status: number;
        data: Fault;
    }>("/auth/second-factor/begin", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Puts the second factor in force; tells recovery codes once.
 */
export function confirmSecondFactor({ body }: {
    body: {
        code: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            recovery_codes: string[];
        };
    } | {
        status: number;
        data: Fault;
    }>("/auth/second-factor/confirm", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Takes the second factor away.
 */
export function removeSecondFactor({ body }: {
    body: {
        password: string;
        code: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {};
    } | {
        status: number;
        data: Fault;
    }>("/auth/second-factor/remove", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Makes a key of one's own: never more than its owner is. Its text is told once.
 */
export function createOwnKey({ body }: {
    body: {
        name: string;
        /** How long it holds. */
        days: number;
        /** What it is for, such as `Query.alert`. Left out: all that its owner may do. */
        operations?: string[];
        password: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            id: string;
            name: string;
            /** Told once; only its hash is kept. */
            token: string;
            expires_at: string;
        };
    } | {
        status: number;
        data: Fault;
    }>("/auth/keys", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Takes back a key of one's own.
 */
export function revokeOwnKey({ body }: {
    body: {
        id: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {};
    } | {
        status: number;
        data: Fault;
    }>("/auth/keys/revoke", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Options with which a browser makes a passkey (WebAuthn).
 */
export function beginPasskey({ body }: {
    body: {
        password: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            [key: string]: unknown;
        };
    } | {
        status: number;
        data: Fault;
    }>("/auth/passkeys/begin", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Keeps the passkey that the browser made.
 */
export function finishPasskey({ body }: {
    body: {
        name: string;
        response: {
            id: string;
            rawId: string;
            "type": "public-key";
            authenticatorAttachment?: string | null;
            clientExtensionResults?: {
                [key: string]: unknown;
            };
            response: {
                clientDataJSON: string;
                attestationObject: string;
                transports?: string[];
            };
        };
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {};
    } | {
        status: number;
        data: Fault;
    }>("/auth/passkeys/finish", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Takes back a passkey of one's own.
 */
export function removePasskey({ body }: {
    body: {
        id: string;
        password: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {};
    } | {
        status: number;
        data: Fault;
    }>("/auth/passkeys/remove", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Options with which a browser signs in by a passkey, or adds it to a password.
 */
export function beginPasskeySignIn(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            [key: string]: unknown;
        };
    } | {
        status: number;
        data: Fault;
    }>("/auth/passkey/begin", {
        ...opts,
        method: "POST"
    });
}
/**
 * Signs in by a passkey alone: it proves that its owner has it and can open it.
 */
export function signInByPasskey({ body }: {
    body: {
        response: {
            id: string;
            rawId: string;
            "type": "public-key";
            authenticatorAttachment?: string | null;
            clientExtensionResults?: {
                [key: string]: unknown;
            };
            response: {
                clientDataJSON: string;
                authenticatorData: string;
                signature: string;
                userHandle?: string | null;
            };
        };
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: AuthState;
    } | {
        status: number;
        data: Fault;
    }>("/auth/passkey/sign-in", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Where the browser goes to be proved by an identity provider (OpenID Connect).
 */
export function beginProviderSignIn({ body }: {
    body: {
        /** Its name. */
        provider: string;
        /** Left out: the first. */
        organisation?: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            url: string;
        };
    } | {
        status: number;
        data: Fault;
    }>("/auth/provider/begin", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Where an identity provider sends the browser back to; leads to the console.
 */
export function finishProviderSignIn(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: string;
    } | {
        status: number;
        data: Fault;
    }>("/auth/provider/callback", {
        ...opts
    });
}
/**
 * Makes a token of a quarter of an hour from the key that asks.
 */
export function issueServiceToken(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: ServiceToken;
    } | {
        status: number;
        data: Fault;
    }>("/auth/token", {
        ...opts,
        method: "POST"
    });
}
/**
 * Keys of programs, of all tenants of the organisation.
 */
export function listApiKeys(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            keys: ApiKey[];
        };
    } | {
        status: number;
        data: Fault;
    }>("/auth/api-keys", {
        ...opts
    });
}
/**
 * Makes a key for a program. Its text is told once.
 */
export function createApiKey({ body }: {
    body: {
        name: string;
        role: string;
        /** Its id or name; the first one by default. */
        tenant?: string;
        /** Such as `Query.alert`, `GET /api/events`. Left out: all that the role may do. */
        operations?: string[];
        /** In 90 days by default; a year at most. */
        expires_at?: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            key: ApiKey;
            /** Told once; only its hash is kept. */
            token: string;
        };
    } | {
        status: number;
        data: Fault;
    }>("/auth/api-keys", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Takes a key back, by its id or name; in force at once.
 */
export function revokeApiKey({ id }: {
    id: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: ApiKey;
    } | {
        status: number;
        data: Fault;
    }>(`/auth/api-keys/${encodeURIComponent(id)}`, {
        ...opts,
        method: "DELETE"
    });
}
/**
 * All checks; 503 when one is unhealthy.
 */
export function getHealth(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Health;
    } | {
        status: 503;
        data: Health;
    } | {
        status: number;
        data: Fault;
    }>("/health", {
        ...opts
    });
}
/**
 * One check; 503 when it is unhealthy.
 */
export function getHealthCheck({ check }: {
    check: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: HealthCheck;
    } | {
        status: 503;
        data: HealthCheck;
    } | {
        status: number;
        data: Fault;
    }>(`/health/${encodeURIComponent(check)}`, {
        ...opts
    });
}
/**
 * The keys of the server, by id and age.
 */
export function getKeys(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Keys;
    } | {
        status: number;
        data: Fault;
    }>("/api/keys", {
        ...opts
    });
}
/**
 * Makes new keys; what was sealed with those before is sealed anew in the background.
 */
export function rotateKeys({ body }: {
    body: {
        /** `data`: new keys for what is sealed from now on. `master`: what these are wrapped with. */
        what?: "data" | "master";
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: RotatedKeys;
    } | {
        status: number;
        data: Fault;
    }>("/api/keys/rotate", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Figures in Prometheus' text format.
 */
export function getMetrics(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: string;
    } | {
        status: number;
        data: Fault;
    }>("/metrics", {
        ...opts
    });
}
/**
 * Indicators of compromise, newest first.
 */
export function listIndicators({ limit, cursor, $type, source, severity, tlp, search, sighted }: {
    limit?: number;
    cursor?: string;
    $type?: "sha256" | "sha1" | "md5" | "ipv4" | "ipv6" | "cidr" | "domain" | "domain_suffix" | "registered_domain" | "url" | "path" | "process_name";
    source?: string;
    severity?: "informational" | "low" | "medium" | "high" | "critical";
    tlp?: "clear" | "green" | "amber" | "amber+strict" | "red";
    search?: string;
    sighted?: boolean;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            indicators: Indicator[];
            /** Give it as `cursor` to go on; null at the end. */
            next_cursor: string | null;
        };
    } | {
        status: number;
        data: Fault;
    }>(`/api/ioc${QS.query(QS.explode({
        limit,
        cursor,
        "type": $type,
        source,
        severity,
        tlp,
        search,
        sighted
    }))}`, {
        ...opts
    });
}
/**
 * Adds indicators; they are in force when this answers.
 */
export function addIndicators({ body }: {
    body: {
        indicators: {
            /** Left out: what the value most likely is. */
            "type"?: "sha256" | "sha1" | "md5" | "ipv4" | "ipv6" | "cidr" | "domain" | "domain_suffix" | "registered_domain" | "url" | "path" | "process_name";
            value: string;
            /** 50 by default. */
            confidence?: number;
            /** medium by default. */
            severity?: "informational" | "low" | "medium" | "high" | "critical";
            /** amber by default. */
            tlp?: "clear" | "green" | "amber" | "amber+strict" | "red";
            valid_until?: string;
            description?: string;
            tags?: string[];
            /** Of ATT&CK, such as T1071.001. */
            techniques?: string[];
        }[];
        source?: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            added: number;
            /** Known with other facts. */
            changed: number;
            unchanged: number;
            removed: number;
        };
    } | {
        status: number;
        data: Fault;
    }>("/api/ioc", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Imports a file of indicators; with `dry_run` only tells what would be, in the same form.
 */
export function importIndicators({ body }: {
    body: {
        /** The text of the file. */
        content: string;
        /** Left out: what the text looks like. */
        format?: "json" | "txt" | "csv" | "stix" | "misp";
        source?: string;
        /** `replace`: what the source said before and this file does not say is taken away. */
        mode?: "add" | "replace";
        dry_run?: boolean;
        /** Leave out what names honest things. */
        leave_out_suspects?: boolean;
        defaults?: {
            confidence?: number;
            severity?: "informational" | "low" | "medium" | "high" | "critical";
            tlp?: "clear" | "green" | "amber" | "amber+strict" | "red";
            valid_days?: number;
        };
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: ImportedIndicators;
    } | {
        status: number;
        data: Fault;
    }>("/api/ioc/import", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * All indicators, or those of a source, as a file.
 */
export function exportIndicators({ format, source }: {
    format?: "json" | "txt" | "csv" | "stix" | "misp";
    source?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: string;
    } | {
        status: number;
        data: Fault;
    }>(`/api/ioc/export${QS.query(QS.explode({
        format,
        source
    }))}`, {
        ...opts
    });
}
/**
 * One indicator.
 */
export function getIndicator({ id }: {
    id: number;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Indicator;
    } | {
        status: number;
        data: Fault;
    }>(`/api/ioc/${encodeURIComponent(id)}`, {
        ...opts
    });
}
/**
 * Takes an indicator away; it matches no more when this answers.
 */
export function removeIndicator({ id }: {
    id: number;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Indicator;
    } | {
        status: number;
        data: Fault;
    }>(`/api/ioc/${encodeURIComponent(id)}`, {
        ...opts,
        method: "DELETE"
    });
}
/**
 * Tries rules on the events that are stored; nothing changes.
 */
export function backtestRules({ body }: {
    body: {
        /** Rules, one or more to a file. */
        files: {
            file: string;
            text: string;
        }[];
        since: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Backtest;
    } | {
        status: number;
        data: Fault;
    }>("/api/rules/backtest", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Says what installing rules would change; with `since` what they would have found, too.
 */
export function planRules({ body }: {
    body: {
        name: string;
        /** Where they come from, for people. */
        source: string;
        /** Rules, one or more to a file. */
        files: {
            file: string;
            text: string;
        }[];
        /** Left out: without a backtest. */
        since?: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: RulePlan;
    } | {
        status: number;
        data: Fault;
    }>("/api/rules/plan", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Installs rules; they are in force when this answers.
 */
export function installRules({ body }: {
    body: {
        name: string;
        /** Where they come from, for people. */
        source: string;
        /** Rules, one or more to a file. */
        files: {
            file: string;
            text: string;
        }[];
        /** Left out: without a backtest. */
        since?: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: InstalledRules;
    } | {
        status: number;
        data: Fault;
    }>("/api/rules/install", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Agents that enrolled, by host name, and those that wait for an approval.
 */
export function listAgents({ limit, cursor, state }: {
    limit?: number;
    cursor?: string;
    state?: "connected" | "away" | "removed";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            agents: Agent[];
            /** On the first page. */
            pending: PendingAgent[];
            /** Give it as `cursor` to go on; null at the end. */
            next_cursor: string | null;
        };
    } | {
        status: number;
        data: Fault;
    }>(`/api/agents${QS.query(QS.explode({
        limit,
        cursor,
        state
    }))}`, {
        ...opts
    });
}
/**
 * Enrolment secrets that may still be used.
 */
export function listEnrolmentSecrets(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            secrets: EnrolmentSecret[];
        };
    } | {
        status: number;
        data: Fault;
    }>("/api/agents/secrets", {
        ...opts
    });
}
/**
 * Makes a secret by which agents enrol.
 */
export function addEnrolmentSecret({ body }: {
    body: {
        uses?: number;
        /** At most a week: what lets agents in should not lie about. */
        valid_minutes?: number;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: NewEnrolmentSecret;
    } | {
        status: number;
        data: Fault;
    }>("/api/agents/secrets", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Takes an enrolment secret back.
 */
export function revokeEnrolmentSecret({ id }: {
    id: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            revoked: string;
        };
    } | {
        status: number;
        data: Fault;
    }>(`/api/agents/secrets/${encodeURIComponent(id)}`, {
        ...opts,
        method: "DELETE"
    });
}
/**
 * One agent.
 */
export function getAgent({ id }: {
    id: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Agent;
    } | {
        status: number;
        data: Fault;
    }>(`/api/agents/${encodeURIComponent(id)}`, {
        ...opts
    });
}
/**
 * Removes an agent for good.
 */
export function removeAgent({ id }: {
    id: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Agent;
    } | {
        status: number;
        data: Fault;
    }>(`/api/agents/${encodeURIComponent(id)}`, {
        ...opts,
        method: "DELETE"
    });
}
/**
 * Hands an agent to another tenant.
 */
export function moveAgent({ id, body }: {
    id: string;
    body: {
        /** An enrolment secret of the other tenant. */
        secret: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            id: string;
            moved_to: string;
        };
    } | {
        status: number;
        data: Fault;
    }>(`/api/agents/${encodeURIComponent(id)}/move`, oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Lets in an agent that waits.
 */
export function approveAgent({ id }: {
    id: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Agent;
    } | {
        status: number;
        data: Fault;
    }>(`/api/agents/${encodeURIComponent(id)}/approve`, {
        ...opts,
        method: "POST"
    });
}
/**
 * Refuses an agent that waits.
 */
export function refuseAgent({ id }: {
    id: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: PendingAgent;
    } | {
        status: number;
        data: Fault;
    }>(`/api/agents/${encodeURIComponent(id)}/refuse`, {
        ...opts,
        method: "POST"
    });
}
/**
 * What is stored of a run of an agent, batch by batch.
 */
export function listStoredBatches({ $from, limit, id, run }: {
    $from?: number;
    limit?: number;
    id: string;
    run: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            batches: StoredBatch[];
        };
    } | {
        status: number;
        data: Fault;
    }>(`/api/agents/${encodeURIComponent(id)}/runs/${encodeURIComponent(run)}/batches${QS.query(QS.explode({
        "from": $from,
        limit
    }))}`, {
        ...opts
    });
}
/**
 * Hosts that are watched, by name, and what their agents say of themselves.
 */
export function listHosts({ limit, cursor }: {
    limit?: number;
    cursor?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            hosts: Host[];
            /** Give it as `cursor` to go on; null at the end. */
            next_cursor: string | null;
        };
    } | {
        status: number;
        data: Fault;
    }>(`/api/hosts${QS.query(QS.explode({
        limit,
        cursor
    }))}`, {
        ...opts
    });
}
/**
 * One host.
 */
export function getHost({ id }: {
    id: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Host;
    } | {
        status: number;
        data: Fault;
    }>(`/api/hosts/${encodeURIComponent(id)}`, {
        ...opts
    });
}
/**
 * Groups of agents, by rank, and what may be set on them.
 */
export function listConfigGroups(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            groups: ConfigGroup[];
            /** What may be set on agents from here: these and all below them. */
            settings: string[];
        };
    } | {
        status: number;
        data: Fault;
    }>("/api/config/groups", {
        ...opts
    });
}
/**
 * One group, with what it was given so far, newest first.
 */
export function getConfigGroup({ name }: {
    name: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            name: string;
            /** The lower comes first. */
            rank: number;
            /** Agents that are named. */
            members: string[];
            labels: {
                [key: string]: string;
            };
            /** Host names; `*` stands for anything. */
            hosts: string[];
            /** What holds for it. */
            revision: number;
            /** How many are of it now. */
            agents: number;
            roll_out: RollOut | null;
            revisions: {
                "number": number;
                /** Values by dotted path. */
                config: {
                    [key: string]: unknown;
                };
                /** SHA-256 of a bundle of rules. */
                content: string | null;
                agent_version: string | null;
                made_at: string;
                made_by: string;
            }[];
        };
    } | {
        status: number;
        data: Fault;
    }>(`/api/config/groups/${encodeURIComponent(name)}`, {
        ...opts
    });
}
/**
 * Adds a group, or changes who is in it; what is left out stays.
 */
export function putConfigGroup({ name, body }: {
    name: string;
    body: {
        rank?: number;
        /** Ids or host names of agents. */
        members?: string[];
        labels?: {
            [key: string]: string;
        };
        hosts?: string[];
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: ConfigGroup;
    } | {
        status: number;
        data: Fault;
    }>(`/api/config/groups/${encodeURIComponent(name)}`, oazapfts.json({
        ...opts,
        method: "PUT",
        body
    }));
}
/**
 * Removes a group; its agents come to the next that they fit, or decide for themselves again.
 */
export function removeConfigGroup({ name }: {
    name: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {};
    } | {
        status: number;
        data: Fault;
    }>(`/api/config/groups/${encodeURIComponent(name)}`, {
        ...opts,
        method: "DELETE"
    });
}
/**
 * Says what other settings would change on the agents of a group; nothing is done.
 */
export function planConfig({ name, body }: {
    name: string;
    body: {
        /** Values by dotted path. */
        "set"?: {
            [key: string]: unknown;
        };
        unset?: string[];
        /** Version of a bundle of rules; 0 for none. */
        content?: number;
        /** Empty for none. */
        agent_version?: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: ConfigPlan;
    } | {
        status: number;
        data: Fault;
    }>(`/api/config/groups/${encodeURIComponent(name)}/plan`, oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Gives a group other settings: to 1, 10 and 100 % of it, each once the one before was good.
 */
export function rollOutConfig({ name, body }: {
    name: string;
    body: {
        /** Values by dotted path. */
        "set"?: {
            [key: string]: unknown;
        };
        unset?: string[];
        /** Version of a bundle of rules; 0 for none. */
        content?: number;
        /** Empty for none. */
        agent_version?: string;
        /** How long a stage must be good before the next. */
        hold_seconds?: number;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: ConfigPlan;
    } | {
        status: number;
        data: Fault;
    }>(`/api/config/groups/${encodeURIComponent(name)}/roll-out`, oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Stops what is rolled out; who has it gets back what was there before.
 */
export function stopRollOut({ name, body }: {
    name: string;
    body: {
        reason: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: RollOut;
    } | {
        status: number;
        data: Fault;
    }>(`/api/config/groups/${encodeURIComponent(name)}/stop`, oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Gives all of a group at once what an earlier revision had; by default the one before.
 */
export function rollBackConfig({ name, body }: {
    name: string;
    body: {
        revision?: number;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: ConfigGroup;
    } | {
        status: number;
        data: Fault;
    }>(`/api/config/groups/${encodeURIComponent(name)}/roll-back`, oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * What holds on each agent, by host name: every setting, and where it comes from.
 */
export function listConfiguredAgents({ limit, cursor }: {
    limit?: number;
    cursor?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            agents: ConfiguredAgent[];
            /** Give it as `cursor` to go on; null at the end. */
            next_cursor: string | null;
        };
    } | {
        status: number;
        data: Fault;
    }>(`/api/config/agents${QS.query(QS.explode({
        limit,
        cursor
    }))}`, {
        ...opts
    });
}
/**
 * What holds on one agent.
 */
export function getConfiguredAgent({ id }: {
    id: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: ConfiguredAgent;
    } | {
        status: number;
        data: Fault;
    }>(`/api/config/agents/${encodeURIComponent(id)}`, {
        ...opts
    });
}
/**
 * Events that the search finds, newest first.
 */
export function searchEvents({ limit, cursor, eventType, host, processUid, since, until, search }: {
    limit?: number;
    cursor?: string;
    eventType?: "process" | "network" | "file" | "authentication" | "account" | "log" | "finding" | "system" | "protocol" | "usage" | "inventory" | "sensor";
    host?: string;
    processUid?: string;
    since?: string;
    until?: string;
    search?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            events: Event[];
            /** Give it as `cursor` to go on; null at the end. */
            next_cursor: string | null;
        };
    } | {
        status: number;
        data: Fault;
    }>(`/api/events${QS.query(QS.explode({
        limit,
        cursor,
        event_type: eventType,
        host,
        process_uid: processUid,
        since,
        until,
        search
    }))}`, {
        ...opts
    });
}
/**
 * Takes events from a program of yours; they are judged and on disk when this answers.
 */
export function sendEvents({ body }: {
    body: {
        /** A run of the sender, 16 hex digits of its choice. With `sequence` it makes a repeated delivery harmless; left out, each is a new one. */
        run?: string;
        /** Of this delivery within its run, from 0. */
        sequence?: number;
        events: ({
            id: string;
            time: number;
            device: {
                uid: string;
                hostname: string;
            };
            severity_id: 1 | 2 | 3 | 4 | 5;
            metadata: {
                version: "1.8.0";
                log_provider: string;
                logged_time: number;
            };
            message?: string;
            raw?: string;
            kind: "process";
            class_uid: 1007;
            activity: "launch" | "terminate";
            process: {
                uid: string;
                pid: number;
                name: string;
                path?: string;
                cmd_line?: string;
                user?: {
                    uid: string;
                    name?: string;
                };
                created_time?: number;
                file?: {
                    path: string;
                    name: string;
                    hashes?: {
                        algorithm: "SHA-256";
                        algorithm_id: 3;
                        value: string;
                    }[];
                    inode?: number;
                    is_deleted?: boolean;
                };
                working_directory?: string;
                parent_process?: {
                    uid: string;
                    pid: number;
                    name: string;
                    path?: string;
                    cmd_line?: string;
                    user?: {
                        uid: string;
                        name?: string;
                    };
                    created_time?: number;
                };
                ancestry?: {
                    uid: string;
                    pid: number;
                    name: string;
                    path?: string;
                    cmd_line?: string;
                    user?: {
                        uid: string;
                        name?: string;
                    };
                    created_time?: number;
                }[];
                container?: {
                    uid: string;
                    runtime?: string;
                };
                cgroup?: string;
                auid?: number;
                euid?: number;
                streams?: {
                    "type": "file" | "pipe" | "socket" | "tty" | "device" | "other" | "closed";
                    peer?: {
                        ip: string;
                        port: number;
                    };
                }[];
                tty?: string;
                script?: {
                    path: string;
                    name: string;
                    hashes?: {
                        algorithm: "SHA-256";
                        algorithm_id: 3;
                        value: string;
                    }[];
                    inode?: number;
                    is_deleted?: boolean;
                };
                environment_variables?: {
                    name: string;
                    value?: string;
                }[];
                environment_truncated?: boolean;
                clone_flags?: string[];
                capabilities?: string[];
                namespaces?: {
                    [key: string]: number;
                };
            };
            exit_code?: number;
            duration_ms?: number;
        } | {
            id: string;
            time: number;
            device: {
                uid: string;
                hostname: string;
            };
            severity_id: 1 | 2 | 3 | 4 | 5;
            metadata: {
                version: "1.8.0";
                log_provider: string;
                logged_time: number;
            };
            message?: string;
            raw?: string;
            kind: "network";
            class_uid: 4001;
            activity: "open" | "accept" | "bind" | "listen" | "close" | "send" | "raw" | "traffic";
            protocol: "tcp" | "udp" | "icmp" | "icmp6" | "sctp" | "raw" | "packet" | "other";
            direction: "inbound" | "outbound" | "none";
            src_endpoint?: {
                ip: string;
                port: number;
            };
            dst_endpoint: {
                ip: string;
                port: number;
            };
            process?: {
                uid: string;
                pid: number;
                name: string;
                path?: string;
                cmd_line?: string;
                user?: {
                    uid: string;
                    name?: string;
                };
                created_time?: number;
                file?: {
                    path: string;
                    name: string;
                    hashes?: {
                        algorithm: "SHA-256";
                        algorithm_id: 3;
                        value: string;
                    }[];
                    inode?: number;
                    is_deleted?: boolean;
                };
                working_directory?: string;
                parent_process?: {
                    uid: string;
                    pid: number;
                    name: string;
                    path?: string;
                    cmd_line?: string;
                    user?: {
                        uid: string;
                        name?: string;
                    };
                    created_time?: number;
                };
                ancestry?: {
                    uid: string;
                    pid: number;
                    name: string;
                    path?: string;
                    cmd_line?: string;
                    user?: {
                        uid: string;
                        name?: string;
                    };
                    created_time?: number;
                }[];
                container?: {
                    uid: string;
                    runtime?: string;
                };
                cgroup?: string;
                auid?: number;
                euid?: number;
                streams?: {
                    "type": "file" | "pipe" | "socket" | "tty" | "device" | "other" | "closed";
                    peer?: {
                        ip: string;
                        port: number;
                    };
                }[];
                tty?: string;
                script?: {
                    path: string;
                    name: string;
                    hashes?: {
                        algorithm: "SHA-256";
                        algorithm_id: 3;
                        value: string;
                    }[];
                    inode?: number;
                    is_deleted?: boolean;
                };
                environment_variables?: {
                    name: string;
                    value?: string;
                }[];
                environment_truncated?: boolean;
                clone_flags?: string[];
                capabilities?: string[];
                namespaces?: {
                    [key: string]: number;
                };
            };
            traffic?: {
                bytes_in: number;
                bytes_out: number;
                packets_in?: number;
                packets_out?: number;
            };
            cumulative_traffic?: {
                bytes_in: number;
                bytes_out: number;
                packets_in?: number;
                packets_out?: number;
            };
            socket?: {
                family: string;
                "type": string;
                protocol: string;
            };
            result?: string;
            flow?: {
                uid: string;
                community_id: string;
                start_time: number;
                duration_ms: number;
                state: "new" | "established" | "closed" | "reset" | "active" | "ended";
                flags_out?: string;
                flags_in?: string;
                vlan?: number[];
                app?: string;
            };
        } | {
            id: string;
            time: number;
            device: {
                uid: string;
                hostname: string;
            };
            severity_id: 1 | 2 | 3 | 4 | 5;
            metadata: {
                version: "1.8.0";
                log_provider: string;
                logged_time: number;
            };
            message?: string;
            raw?: string;
            kind: "file";
            class_uid: 1001;
            activity: "create" | "read" | "update" | "delete" | "rename" | "set_attributes" | "differ";
            file: {
                path: string;
                name: string;
                hashes?: {
                    algorithm: "SHA-256";
                    algorithm_id: 3;
                    value: string;
                }[];
                inode?: number;
                is_deleted?: boolean;
            };
            file_result?: {
                path: string;
                name: string;
                hashes?: {
                    algorithm: "SHA-256";
                    algorithm_id: 3;
                    value: string;
                }[];
                inode?: number;
                is_deleted?: boolean;
            };
            process?: {
                uid: string;
                pid: number;
                name: string;
                path?: string;
                cmd_line?: string;
                user?: {
                    uid: string;
                    name?: string;
                };
                created_time?: number;
                file?: {
                    path: string;
                    name: string;
                    hashes?: {
                        algorithm: "SHA-256";
                        algorithm_id: 3;
                        value: string;
                    }[];
                    inode?: number;
                    is_deleted?: boolean;
                };
                working_directory?: string;
                parent_process?: {
                    uid: string;
                    pid: number;
                    name: string;
                    path?: string;
                    cmd_line?: string;
                    user?: {
                        uid: string;
                        name?: string;
                    };
                    created_time?: number;
                };
                ancestry?: {
                    uid: string;
                    pid: number;
                    name: string;
                    path?: string;
                    cmd_line?: string;
                    user?: {
                        uid: string;
                        name?: string;
                    };
                    created_time?: number;
                }[];
                container?: {
                    uid: string;
                    runtime?: string;
                };
                cgroup?: string;
                auid?: number;
                euid?: number;
                streams?: {
                    "type": "file" | "pipe" | "socket" | "tty" | "device" | "other" | "closed";
                    peer?: {
                        ip: string;
                        port: number;
                    };
                }[];
                tty?: string;
                script?: {
                    path: string;
                    name: string;
                    hashes?: {
                        algorithm: "SHA-256";
                        algorithm_id: 3;
                        value: string;
                    }[];
                    inode?: number;
                    is_deleted?: boolean;
                };
                environment_variables?: {
                    name: string;
                    value?: string;
                }[];
                environment_truncated?: boolean;
                clone_flags?: string[];
                capabilities?: string[];
                namespaces?: {
                    [key: string]: number;
                };
            };
            integrity?: {
                change: "created" | "changed" | "removed";
                before?: {
                    "type": "file" | "folder" | "link" | "device" | "pipe" | "socket";
                    size?: number;
                    mode: string;
                    uid: number;
                    gid: number;
                    owner?: string;
                    group?: string;
                    modified_time: number;
                    sha256?: string;
                    unread?: "too_large" | "unreadable" | "changing";
                    link_target?: string;
                    capabilities?: string;
                    acl?: string;
                    xattrs?: {
                        [key: string]: string;
                    };
                    elf?: {
                        "type": "relocatable" | "executable" | "shared" | "core" | "other";
                        machine: string;
                        bits: 32 | 64;
                        interpreter?: string;
                        needed?: string[];
                        rpath?: string;
                        runpath?: string;
                        build_id?: string;
                        stripped: boolean;
                    };
                };
                after?: {
                    "type": "file" | "folder" | "link" | "device" | "pipe" | "socket";
                    size?: number;
                    mode: string;
                    uid: number;
                    gid: number;
                    owner?: string;
                    group?: string;
                    modified_time: number;
                    sha256?: string;
                    unread?: "too_large" | "unreadable" | "changing";
                    link_target?: string;
                    capabilities?: string;
                    acl?: string;
                    xattrs?: {
                        [key: string]: string;
                    };
                    elf?: {
                        "type": "relocatable" | "executable" | "shared" | "core" | "other";
                        machine: string;
                        bits: 32 | 64;
                        interpreter?: string;
                        needed?: string[];
                        rpath?: string;
                        runpath?: string;
                        build_id?: string;
                        stripped: boolean;
                    };
                };
                changed: ("type" | "size" | "mode" | "uid" | "gid" | "owner" | "group" | "modified_time" | "sha256" | "unread" | "link_target" | "capabilities" | "acl" | "xattrs" | "elf")[];
                seen: "watched" | "rescan";
                "package"?: {
                    name: string;
                    version: string;
                    manager: string;
                    verified?: boolean;
                };
                by_package_manager: boolean;
            };
        } | {
            id: string;
            time: number;
            device: {
                uid: string;
                hostname: string;
            };
            severity_id: 1 | 2 | 3 | 4 | 5;
            metadata: {
                version: "1.8.0";
                log_provider: string;
                logged_time: number;
            };
            message?: string;
            raw?: string;
            kind: "authentication";
            class_uid: 3002;
            activity: "logon" | "logoff" | "other";
            status: "success" | "failure" | "unknown";
            user: {
                uid: string;
                name?: string;
            };
            actor_user?: {
                uid: string;
                name?: string;
            };
            service: string;
            auth_protocol?: string;
            src_endpoint?: {
                ip: string;
                port: number;
            };
            src_hostname?: string;
            is_unknown_user?: boolean;
            pid?: number;
            session?: {
                uid: string;
                created_time: number;
                terminal?: string;
            };
            duration?: number;
            failed_attempts?: number;
        } | {
            id: string;
            time: number;
            device: {
                uid: string;
                hostname: string;
            };
            severity_id: 1 | 2 | 3 | 4 | 5;
            metadata: {
                version: "1.8.0";
                log_provider: string;
                logged_time: number;
            };
            message?: string;
            raw?: string;
            kind: "account";
            class_uid: 3001;
            activity: "create" | "delete" | "enable" | "disable" | "lock" | "unlock" | "password_change" | "update" | "attach_group" | "detach_group";
            status: "success" | "failure";
            user?: {
                uid: string;
                name?: string;
            };
            group?: {
                uid?: string;
                name: string;
            };
            actor_user?: {
                uid: string;
                name?: string;
            };
            service: string;
            pid?: number;
        } | {
            id: string;
            time: number;
            device: {
                uid: string;
                hostname: string;
            };
            severity_id: 1 | 2 | 3 | 4 | 5;
            metadata: {
                version: "1.8.0";
                log_provider: string;
                logged_time: number;
            };
            message: string;
            raw?: string;
            kind: "log";
            class_uid: 0;
            path: string;
            service?: string;
            pid?: number;
            event_code?: string;
            container?: {
                uid: string;
                runtime?: string;
            };
            unmapped?: {
                [key: string]: unknown;
            };
            log_source?: {
                product?: string;
                category?: string;
                service?: string;
            };
        } | {
            id: string;
            time: number;
            device: {
                uid: string;
                hostname: string;
            };
            severity_id: 1 | 2 | 3 | 4 | 5;
            metadata: {
                version: "1.8.0";
                log_provider: string;
                logged_time: number;
            };
            message?: string;
            raw?: string;
            kind: "finding";
            class_uid: 2004;
            activity: "create";
            finding_info: {
                uid: string;
                title: string;
                desc?: string;
                analytic: {
                    name: string;
                    type_id: 1;
                    category: "yara";
                    file: string;
                };
                tags: string[];
            };
            cause: "write" | "exec";
            file: {
                path: string;
                name: string;
                hashes?: {
                    algorithm: "SHA-256";
                    algorithm_id: 3;
                    value: string;
                }[];
                inode?: number;
                is_deleted?: boolean;
            };
            process?: {
                uid: string;
                pid: number;
                name: string;
                path?: string;
                cmd_line?: string;
                user?: {
                    uid: string;
                    name?: string;
                };
                created_time?: number;
                file?: {
                    path: string;
                    name: string;
                    hashes?: {
                        algorithm: "SHA-256";
                        algorithm_id: 3;
                        value: string;
                    }[];
                    inode?: number;
                    is_deleted?: boolean;
                };
                working_directory?: string;
                parent_process?: {
                    uid: string;
                    pid: number;
                    name: string;
                    path?: string;
                    cmd_line?: string;
                    user?: {
                        uid: string;
                        name?: string;
                    };
                    created_time?: number;
                };
                ancestry?: {
                    uid: string;
                    pid: number;
                    name: string;
                    path?: string;
                    cmd_line?: string;
                    user?: {
                        uid: string;
                        name?: string;
                    };
                    created_time?: number;
                }[];
                container?: {
                    uid: string;
                    runtime?: string;
                };
                cgroup?: string;
                auid?: number;
                euid?: number;
                streams?: {
                    "type": "file" | "pipe" | "socket" | "tty" | "device" | "other" | "closed";
                    peer?: {
                        ip: string;
                        port: number;
                    };
                }[];
                tty?: string;
                script?: {
                    path: string;
                    name: string;
                    hashes?: {
                        algorithm: "SHA-256";
                        algorithm_id: 3;
                        value: string;
                    }[];
                    inode?: number;
                    is_deleted?: boolean;
                };
                environment_variables?: {
                    name: string;
                    value?: string;
                }[];
                environment_truncated?: boolean;
                clone_flags?: string[];
                capabilities?: string[];
                namespaces?: {
                    [key: string]: number;
                };
            };
            meta: {
                name: string;
                value: string | number | boolean;
            }[];
            matches: {
                name: string;
                offset: number;
                length: number;
                data: string;
            }[];
            match_count: number;
        } | {
            id: string;
            time: number;
            device: {
                uid: string;
                hostname: string;
            };
            severity_id: 1 | 2 | 3 | 4 | 5;
            metadata: {
                version: "1.8.0";
                log_provider: string;
                logged_time: number;
            };
            message?: string;
            raw?: string;
            kind: "system";
            class_uid: 1002 | 1003 | 1004 | 1007;
            activity: "trace" | "write_memory" | "signal" | "self_delete" | "set_user" | "set_group" | "set_capabilities" | "keyring" | "make_executable" | "create_memory_file" | "userfault" | "load_module" | "unload_module" | "bpf" | "mount" | "unmount" | "change_root" | "enter_namespace" | "create_namespace" | "io_uring" | "perf" | "prevent_exec" | "count_calls";
            system_call: string;
            process?: {
                uid: string;
                pid: number;
                name: string;
                path?: string;
                cmd_line?: string;
                user?: {
                    uid: string;
                    name?: string;
                };
                created_time?: number;
                file?: {
                    path: string;
                    name: string;
                    hashes?: {
                        algorithm: "SHA-256";
                        algorithm_id: 3;
                        value: string;
                    }[];
                    inode?: number;
                    is_deleted?: boolean;
                };
                working_directory?: string;
                parent_process?: {
                    uid: string;
                    pid: number;
                    name: string;
                    path?: string;
                    cmd_line?: string;
                    user?: {
                        uid: string;
                        name?: string;
                    };
                    created_time?: number;
                };
                ancestry?: {
                    uid: string;
                    pid: number;
                    name: string;
                    path?: string;
                    cmd_line?: string;
                    user?: {
                        uid: string;
                        name?: string;
                    };
                    created_time?: number;
                }[];
                container?: {
                    uid: string;
                    runtime?: string;
                };
                cgroup?: string;
                auid?: number;
                euid?: number;
                streams?: {
                    "type": "file" | "pipe" | "socket" | "tty" | "device" | "other" | "closed";
                    peer?: {
                        ip: string;
                        port: number;
                    };
                }[];
                tty?: string;
                script?: {
                    path: string;
                    name: string;
                    hashes?: {
                        algorithm: "SHA-256";
                        algorithm_id: 3;
                        value: string;
                    }[];
                    inode?: number;
                    is_deleted?: boolean;
                };
                environment_variables?: {
                    name: string;
                    value?: string;
                }[];
                environment_truncated?: boolean;
                clone_flags?: string[];
                capabilities?: string[];
                namespaces?: {
                    [key: string]: number;
                };
            };
            target_process?: {
                uid: string;
                pid: number;
                name: string;
                path?: string;
                cmd_line?: string;
                user?: {
                    uid: string;
                    name?: string;
                };
                created_time?: number;
            };
            file?: {
                path: string;
                name: string;
                hashes?: {
                    algorithm: "SHA-256";
                    algorithm_id: 3;
                    value: string;
                }[];
                inode?: number;
                is_deleted?: boolean;
            };
            arguments?: {
                [key: string]: string | number;
            };
        } | {
            id: string;
            time: number;
            device: {
                uid: string;
                hostname: string;
            };
            severity_id: 1 | 2 | 3 | 4 | 5;
            metadata: {
                version: "1.8.0";
                log_provider: string;
                logged_time: number;
            };
            message?: string;
            raw?: string;
            kind: "protocol";
            class_uid: 4001 | 4002 | 4003 | 4004 | 4005 | 4006 | 4007 | 4008 | 4009;
            protocol_name: "dcerpc" | "dhcp" | "dns" | "ftp" | "http" | "kerberos" | "ldap" | "quic" | "rdp" | "smb" | "smtp" | "ssh" | "tls";
            transport: "tcp" | "udp";
            src_endpoint: {
                ip: string;
                port: number;
            };
            dst_endpoint: {
                ip: string;
                port: number;
            };
            flow_uid?: string;
            process?: {
                uid: string;
                pid: number;
                name: string;
                path?: string;
                cmd_line?: string;
                user?: {
                    uid: string;
                    name?: string;
                };
                created_time?: number;
                file?: {
                    path: string;
                    name: string;
                    hashes?: {
                        algorithm: "SHA-256";
                        algorithm_id: 3;
                        value: string;
                    }[];
                    inode?: number;
                    is_deleted?: boolean;
                };
                working_directory?: string;
                parent_process?: {
                    uid: string;
                    pid: number;
                    name: string;
                    path?: string;
                    cmd_line?: string;
                    user?: {
                        uid: string;
                        name?: string;
                    };
                    created_time?: number;
                };
                ancestry?: {
                    uid: string;
                    pid: number;
                    name: string;
                    path?: string;
                    cmd_line?: string;
                    user?: {
                        uid: string;
                        name?: string;
                    };
                    created_time?: number;
                }[];
                container?: {
                    uid: string;
                    runtime?: string;
                };
                cgroup?: string;
                auid?: number;
                euid?: number;
                streams?: {
                    "type": "file" | "pipe" | "socket" | "tty" | "device" | "other" | "closed";
                    peer?: {
                        ip: string;
                        port: number;
                    };
                }[];
                tty?: string;
                script?: {
                    path: string;
                    name: string;
                    hashes?: {
                        algorithm: "SHA-256";
                        algorithm_id: 3;
                        value: string;
                    }[];
                    inode?: number;
                    is_deleted?: boolean;
                };
                environment_variables?: {
                    name: string;
                    value?: string;
                }[];
                environment_truncated?: boolean;
                clone_flags?: string[];
                capabilities?: string[];
                namespaces?: {
                    [key: string]: number;
                };
            };
            dcerpc?: {
                command: string;
                interface_uuid?: string;
                endpoint?: string;
                opnum?: number;
                operation?: string;
            };
            dhcp?: {
                "type": string;
                sender: "client" | "server";
                transaction_id: number;
                client_mac: string;
                hostname?: string;
                client_ip?: string;
                requested_ip?: string;
                assigned_ip?: string;
                next_server_ip?: string;
                relay_ip?: string;
                lease_time?: number;
                server_ip?: string;
                subnet_mask?: string;
                routers?: string[];
                dns_servers?: string[];
                domain?: string;
                proxy_url?: string;
                static_routes?: string[];
                vendor_class?: string;
                parameters?: number[];
                boot_file?: string;
                message?: string;
            };
            dns?: {
                "type": "query" | "answer";
                transaction_id: number;
                hostname: string;
                query_type: string;
                query_class: string;
                registered_domain?: string;
                subdomain_length?: number;
                subdomain_entropy?: number;
                rcode?: string;
                answers?: {
                    name: string;
                    "type": string;
                    rdata: string;
                    ttl: number;
                }[];
                authorities?: {
                    name: string;
                    "type": string;
                    rdata: string;
                    ttl: number;
                }[];
                additionals?: {
                    name: string;
                    "type": string;
                    rdata: string;
                    ttl: number;
                }[];
                opcode: string;
                flags: string[];
                edns?: {
                    udp_size: number;
                    version: number;
                    dnssec_ok: boolean;
                };
                anomalies?: string[];
            };
            ftp?: {
                command?: string;
                argument?: string;
                command_truncated: boolean;
                codes: number[];
                command_responses: string[];
                reply_truncated: boolean;
                user?: string;
                name?: string;
                "type"?: "active" | "passive";
                address?: string;
                port?: number;
            };
            http?: {
                http_method?: string;
                url?: string;
                hostname?: string;
                port?: number;
                version?: string;
                user_agent?: string;
                referrer?: string;
                x_forwarded_for?: string;
                code?: number;
                message?: string;
                content_type?: string;
                request_content_type?: string;
                file_name?: string;
                location?: string;
                server?: string;
                request_length: number;
                response_length: number;
                request_headers?: {
                    name: string;
                    value: string;
                }[];
                response_headers?: {
                    name: string;
                    value: string;
                }[];
                latency_ms?: number;
                upgrade?: string;
                stream_id?: number;
                anomalies?: string[];
            };
            kerberos?: {
                request_type?: "AS" | "TGS" | "AP";
                msg_type: string;
                client?: string;
                realm?: string;
                service?: string;
                client_ciphers?: string[];
                cipher?: string;
                ticket_cipher?: string;
                weak_cipher?: boolean;
                weak_ticket_cipher?: boolean;
                preauth_types?: number[];
                error_code?: number;
                error?: string;
                options?: string[];
            };
            ldap?: {
                operation: "bind" | "search" | "modify" | "add" | "delete" | "rename" | "compare" | "extended";
                message_id: number;
                name?: string;
                mechanism?: string;
                cleartext_password?: boolean;
                user?: string;
                domain?: string;
                hostname?: string;
                scope?: string;
                filter?: string;
                attributes?: string[];
                entries?: number;
                result?: string;
                result_code?: number;
            };
            quic?: {
                sni?: string;
                client_alpns?: string[];
                client_versions?: number[];
                client_ciphers?: number[];
                client_extensions?: number[];
                client_groups?: number[];
                client_signature_algorithms?: number[];
                ja3_hash?: string;
                ja3_string?: string;
                ja4?: string;
                encrypted_client_hello?: boolean;
                version?: string;
                cipher?: string;
                server_alpn?: string;
                server_extensions?: number[];
                ja3s_hash?: string;
                ja3s_string?: string;
                "type": "client_hello" | "server_hello";
                quic_version: string;
                dst_connection_id: string;
                src_connection_id: string;
                retried?: boolean;
                user_agent?: string;
                cyu_hash?: string;
                cyu_string?: string;
            };
            rdp?: {
                cookie?: string;
                requested_protocols: string[];
                selected_protocol?: string;
                failure?: string;
                client_name?: string;
                client_version?: string;
                client_build?: number;
                keyboard_layout?: string;
                desktop?: {
                    width: number;
                    height: number;
                };
                channels?: string[];
            };
            smb?: {
                command: string;
                dialect?: string;
                client_dialects?: string[];
                status?: string;
                status_code?: number;
                session_uid: string;
                tree_uid: number;
                share?: string;
                share_type?: "disk" | "pipe" | "print";
                user?: string;
                domain?: string;
                hostname?: string;
                ntlm_version?: string;
                auth?: "ntlm" | "kerberos";
                file?: string;
                file_uid?: string;
                open_type?: string;
                delete_on_close?: boolean;
                size?: number;
                created_time?: number;
                accessed_time?: number;
                modified_time?: number;
                changed_time?: number;
                renamed_to?: string;
                deleted?: boolean;
                client_os?: string;
                client_lan_manager?: string;
                server_os?: string;
                server_lan_manager?: string;
                server_guid?: string;
                dce_rpc?: {
                    command: string;
                    interface_uuid?: string;
                    endpoint?: string;
                    opnum?: number;
                    operation?: string;
                };
            };
            smtp?: {
                banner?: string;
                smtp_hello?: string;
                user?: string;
                smtp_from?: string;
                smtp_to?: string[];
                "from"?: string;
                to?: string[];
                cc?: string[];
                reply_to?: string;
                subject?: string;
                message_uid?: string;
                date?: string;
                user_agent?: string;
                received?: string[];
                attachments?: string[];
                urls?: string[];
                size?: number;
                code?: number;
                complete?: boolean;
                starttls?: boolean;
            };
            ssh?: {
                client?: {
                    protocol_version: string;
                    software_version: string;
                    comments?: string;
                    hassh?: string;
                    hassh_algorithms?: string;
                };
                server?: {
                    protocol_version: string;
                    software_version: string;
                    comments?: string;
                    hassh?: string;
                    hassh_algorithms?: string;
                };
                host_key_algorithms?: string[];
                established: boolean;
            };
            tls?: {
                sni?: string;
                client_alpns?: string[];
                client_versions?: number[];
                client_ciphers?: number[];
                client_extensions?: number[];
                client_groups?: number[];
                client_signature_algorithms?: number[];
                ja3_hash?: string;
                ja3_string?: string;
                ja4?: string;
                encrypted_client_hello?: boolean;
                version?: string;
                cipher?: string;
                server_alpn?: string;
                server_extensions?: number[];
                ja3s_hash?: string;
                ja3s_string?: string;
                established: boolean;
                session_resumed?: boolean;
                certificate?: {
                    subject: string;
                    issuer: string;
                    serial_number: string;
                    created_time?: number;
                    expiration_time?: number;
                    is_self_signed: boolean;
                    sans?: string[];
                    sha1: string;
                    sha256: string;
                };
                certificate_chain?: string[];
                client_certificate?: {
                    subject: string;
                    issuer: string;
                    serial_number: string;
                    created_time?: number;
                    expiration_time?: number;
                    is_self_signed: boolean;
                    sans?: string[];
                    sha1: string;
                    sha256: string;
                };
                alert?: string;
                anomalies?: string[];
            };
        } | {
            id: string;
            time: number;
            device: {
                uid: string;
                hostname: string;
            };
            severity_id: 1 | 2 | 3 | 4 | 5;
            metadata: {
                version: "1.8.0";
                log_provider: string;
                logged_time: number;
            };
            message?: string;
            raw?: string;
            kind: "usage";
            class_uid: 0;
            activity: "high" | "normal";
            resource: "cpu" | "memory" | "io" | "descriptors" | "sockets" | "processes" | "pressure";
            pressure_of?: "cpu" | "memory" | "io";
            process?: {
                uid: string;
                pid: number;
                name: string;
                path?: string;
                cmd_line?: string;
                user?: {
                    uid: string;
                    name?: string;
                };
                created_time?: number;
                file?: {
                    path: string;
                    name: string;
                    hashes?: {
                        algorithm: "SHA-256";
                        algorithm_id: 3;
                        value: string;
                    }[];
                    inode?: number;
                    is_deleted?: boolean;
                };
                working_directory?: string;
                parent_process?: {
                    uid: string;
                    pid: number;
                    name: string;
                    path?: string;
                    cmd_line?: string;
                    user?: {
                        uid: string;
                        name?: string;
                    };
                    created_time?: number;
                };
                ancestry?: {
                    uid: string;
                    pid: number;
                    name: string;
                    path?: string;
                    cmd_line?: string;
                    user?: {
                        uid: string;
                        name?: string;
                    };
                    created_time?: number;
                }[];
                container?: {
                    uid: string;
                    runtime?: string;
                };
                cgroup?: string;
                auid?: number;
                euid?: number;
                streams?: {
                    "type": "file" | "pipe" | "socket" | "tty" | "device" | "other" | "closed";
                    peer?: {
                        ip: string;
                        port: number;
                    };
                }[];
                tty?: string;
                script?: {
                    path: string;
                    name: string;
                    hashes?: {
                        algorithm: "SHA-256";
                        algorithm_id: 3;
                        value: string;
                    }[];
                    inode?: number;
                    is_deleted?: boolean;
                };
                environment_variables?: {
                    name: string;
                    value?: string;
                }[];
                environment_truncated?: boolean;
                clone_flags?: string[];
                capabilities?: string[];
                namespaces?: {
                    [key: string]: number;
                };
            };
            cgroup?: string;
            value: number;
            threshold: number;
            limit?: number;
            percent?: number;
            baseline: {
                state: "learning" | "known";
                mean: number;
                deviation: number;
                samples: number;
            };
            deviations?: number;
            duration_ms: number;
        } | {
            id: string;
            time: number;
            device: {
                uid: string;
                hostname: string;
            };
            severity_id: 1 | 2 | 3 | 4 | 5;
            metadata: {
                version: "1.8.0";
                log_provider: string;
                logged_time: number;
            };
            message?: string;
            raw?: string;
            kind: "inventory";
            class_uid: 5001;
            activity: "collect" | "add" | "remove" | "change";
            inventory_type: "setuid_file" | "cron_job" | "systemd_unit" | "init_script" | "start_file" | "authorized_key" | "preloaded_library" | "kernel_module" | "module_setting" | "pam_rule" | "sudo_rule" | "package" | "listening_socket" | "user" | "group" | "kernel" | "mount";
            item?: {
                key: string;
                facts: {
                    [key: string]: string | number | boolean;
                };
            };
            before?: {
                [key: string]: string | number | boolean;
            };
            changed?: string[];
            unwatched?: boolean;
            count?: number;
            items?: string[];
        } | {
            id: string;
            time: number;
            device: {
                uid: string;
                hostname: string;
            };
            severity_id: 1 | 2 | 3 | 4 | 5;
            metadata: {
                version: "1.8.0";
                log_provider: string;
                logged_time: number;
            };
            message?: string;
            raw?: string;
            kind: "sensor";
            class_uid: 0;
            activity: "degraded" | "restored";
            part: string;
            cause: "loss" | "failed" | "stuck" | "budget" | "silent" | "altered" | "cloned";
            lost: number;
            lost_by_kind?: {
                [key: string]: number;
            };
            duration_ms: number;
            detail?: string;
            ended_by?: {
                signal: string;
                process?: {
                    uid: string;
                    pid: number;
                    name: string;
                    path?: string;
                    cmd_line?: string;
                    user?: {
                        uid: string;
                        name?: string;
                    };
                    created_time?: number;
                    parent_process?: {
                        pid: number;
                        name: string;
                    };
                };
            };
        })[];
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            stored: number;
            /** The host under which they stand: that of the key. */
            host_id: string;
        };
    } | {
        status: number;
        data: Fault;
    }>("/api/events", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * One event.
 */
export function getEvent({ id }: {
    id: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Event;
    } | {
        status: number;
        data: Fault;
    }>(`/api/events/${encodeURIComponent(id)}`, {
        ...opts
    });
}
/**
 * Alerts, newest first.
 */
export function listAlerts({ limit, cursor, status, severity, host, incident, since, until, search }: {
    limit?: number;
    cursor?: string;
    status?: "open" | "acknowledged" | "resolved";
    severity?: "informational" | "low" | "medium" | "high" | "critical";
    host?: string;
    incident?: string;
    since?: string;
    until?: string;
    search?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            alerts: Alert[];
            /** Give it as `cursor` to go on; null at the end. */
            next_cursor: string | null;
        };
    } | {
        status: number;
        data: Fault;
    }>(`/api/alerts${QS.query(QS.explode({
        limit,
        cursor,
        status,
        severity,
        host,
        incident,
        since,
        until,
        search
    }))}`, {
        ...opts
    });
}
/**
 * One alert.
 */
export function getAlert({ id }: {
    id: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Alert;
    } | {
        status: number;
        data: Fault;
    }>(`/api/alerts/${encodeURIComponent(id)}`, {
        ...opts
    });
}
/**
 * Says that somebody looks at it.
 */
export function acknowledgeAlert({ id }: {
    id: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Alert;
    } | {
        status: number;
        data: Fault;
    }>(`/api/alerts/${encodeURIComponent(id)}/acknowledge`, {
        ...opts,
        method: "POST"
    });
}
/**
 * Says that it is done, and what it was.
 */
export function resolveAlert({ id, body }: {
    id: string;
    body: {
        verdict?: "true_positive" | "false_positive" | "benign";
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Alert;
    } | {
        status: number;
        data: Fault;
    }>(`/api/alerts/${encodeURIComponent(id)}/resolve`, oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Incidents, last changed first.
 */
export function listIncidents({ limit, cursor, status, severity }: {
    limit?: number;
    cursor?: string;
    status?: "open" | "investigating" | "closed";
    severity?: "informational" | "low" | "medium" | "high" | "critical";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            incidents: Incident[];
            /** Give it as `cursor` to go on; null at the end. */
            next_cursor: string | null;
        };
    } | {
        status: number;
        data: Fault;
    }>(`/api/incidents${QS.query(QS.explode({
        limit,
        cursor,
        status,
        severity
    }))}`, {
        ...opts
    });
}
/**
 * One incident.
 */
export function getIncident({ id }: {
    id: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Incident;
    } | {
        status: number;
        data: Fault;
    }>(`/api/incidents/${encodeURIComponent(id)}`, {
        ...opts
    });
}
/**
 * People of the organisation, by name.
 */
export function listUsers({ limit, cursor }: {
    limit?: number;
    cursor?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            users: User[];
            /** Give it as `cursor` to go on; null at the end. */
            next_cursor: string | null;
        };
    } | {
        status: number;
        data: Fault;
    }>(`/api/users${QS.query(QS.explode({
        limit,
        cursor
    }))}`, {
        ...opts
    });
}
/**
 * Makes an account with a password that is told once.
 */
export function addUser({ body }: {
    body: {
        name: string;
        /** viewer, analyst, responder, engineer, admin, auditor, or a role of the tenant's own. */
        role: string;
        /** Its id or name; the first one by default. */
        tenant?: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: UserWithPassword;
    } | {
        status: number;
        data: Fault;
    }>("/api/users", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Somebody, by name or id.
 */
export function getUser({ name }: {
    name: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: User;
    } | {
        status: number;
        data: Fault;
    }>(`/api/users/${encodeURIComponent(name)}`, {
        ...opts
    });
}
/**
 * Removes an account.
 */
export function removeUser({ name }: {
    name: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: User;
    } | {
        status: number;
        data: Fault;
    }>(`/api/users/${encodeURIComponent(name)}`, {
        ...opts,
        method: "DELETE"
    });
}
/**
 * Sets what somebody is in a tenant; in force at their next request.
 */
export function setUserRole({ name, body }: {
    name: string;
    body: {
        /** null: they are nothing there any more. */
        role: string | null;
        /** Its id or name; the first one by default. */
        tenant?: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: User;
    } | {
        status: number;
        data: Fault;
    }>(`/api/users/${encodeURIComponent(name)}/role`, oazapfts.json({
        ...opts,
        method: "PUT",
        body
    }));
}
/**
 * Shuts somebody out, sessions and all.
 */
export function disableUser({ name }: {
    name: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: User;
    } | {
        status: number;
        data: Fault;
    }>(`/api/users/${encodeURIComponent(name)}/disable`, {
        ...opts,
        method: "POST"
    });
}
/**
 * Lets somebody in again.
 */
export function enableUser({ name }: {
    name: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: User;
    } | {
        status: number;
        data: Fault;
    }>(`/api/users/${encodeURIComponent(name)}/enable`, {
        ...opts,
        method: "POST"
    });
}
/**
 * A new password, told once, and the end of all sessions.
 */
export function resetUser({ name, body }: {
    name: string;
    body: {
        /** Takes that away too. */
        second_factor?: boolean;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: UserWithPassword;
    } | {
        status: number;
        data: Fault;
    }>(`/api/users/${encodeURIComponent(name)}/reset`, oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Ends one session of somebody, or all, within a second.
 */
export function endUserSessions({ name, body }: {
    name: string;
    body: {
        session?: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            sessions_ended: number;
        };
    } | {
        status: number;
        data: Fault;
    }>(`/api/users/${encodeURIComponent(name)}/sessions/end`, oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * The organisation of whoever asks, and its tenants.
 */
export function listOrganizations(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            organizations: Organization[];
        };
    } | {
        status: number;
        data: Fault;
    }>("/api/organizations", {
        ...opts
    });
}
/**
 * Tenants of the organisation: the first one, then by name.
 */
export function listTenants(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            /** The one that whoever asks looks at. */
            tenant_id: string;
            tenants: Tenant[];
        };
    } | {
        status: number;
        data: Fault;
    }>("/api/tenants", {
        ...opts
    });
}
/**
 * Makes a tenant.
 */
export function addTenant({ body }: {
    body: {
        name: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Tenant;
    } | {
        status: number;
        data: Fault;
    }>("/api/tenants", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Gives a tenant another name.
 */
export function renameTenant({ id, body }: {
    id: string;
    body: {
        name: string;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Tenant;
    } | {
        status: number;
        data: Fault;
    }>(`/api/tenants/${encodeURIComponent(id)}`, oazapfts.json({
        ...opts,
        method: "PUT",
        body
    }));
}
/**
 * This document.
 */
export function getDocument(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            [key: string]: unknown;
        };
    } | {
        status: number;
        data: Fault;
    }>("/api/openapi.json", {
        ...opts
    });
}
