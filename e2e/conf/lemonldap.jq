# The configuration of one LemonLDAP::NG: its demo accounts behind its real
# login page, and Keystone as the only OpenID Connect client.
# Arguments: dir, host, url, redirect, key, public, secret, client_secret.

def storage($name): {
	Directory: "\($dir)/\($name)",
	LockDirectory: "\($dir)/\($name)/lock",
	generateModule: "Lemonldap::NG::Common::Apache::Session::Generate::SHA256"
};

{
	cfgNum: 1,
	cfgAuthor: "websso e2e",
	cfgDate: (now | floor | tostring),
	cfgVersion: "2.16.1",
	key: $secret,

	domain: $host,
	portal: "\($url)/",
	cookieName: "lemonldap",
	securedCookie: 1,
	httpOnly: 1,

	authentication: "Demo",
	userDB: "Same",
	passwordDB: "Null",
	registerDB: "Null",
	demoExportedVars: {cn: "cn", mail: "mail", uid: "uid"},
	whatToTrace: "uid",
	macros: {},
	groups: {},
	exportedVars: {},
	portalSkin: "bootstrap",
	applicationList: {},
	locationRules: {($host): {default: "accept"}},
	exportedHeaders: {},
	notification: 0,
	loginHistoryEnabled: 0,
	timeout: 72000,

	# Whoever is to sign in again sees the login form at once.
	skipRenewConfirmation: 1,

	# Asked of users who have registered one.
	totp2fActivation: 1,

	globalStorage: "Apache::Session::File",
	globalStorageOptions: storage("sessions"),
	persistentStorage: "Apache::Session::File",
	persistentStorageOptions: storage("psessions"),
	localSessionStorage: "Cache::FileCache",
	localSessionStorageOptions: {
		namespace: "sessions",
		cache_root: "\($dir)/cache",
		cache_depth: 3,
		default_expires_in: 600,
		directory_umask: "007"
	},

	issuerDBOpenIDConnectActivation: 1,
	oidcServicePrivateKeySig: $key,
	oidcServicePublicKeySig: $public,
	oidcServiceKeyIdSig: "e2e",
	oidcServiceIgnoreScopeForClaims: 1,
	oidcRPMetaDataExportedVars: {keystone: {name: "cn", email: "mail", preferred_username: "uid"}},
	oidcRPMetaDataOptions: {
		keystone: {
			oidcRPMetaDataOptionsDisplayName: "Keystone",
			oidcRPMetaDataOptionsClientID: "keystone",
			oidcRPMetaDataOptionsClientSecret: $client_secret,
			oidcRPMetaDataOptionsRedirectUris: $redirect,
			oidcRPMetaDataOptionsIDTokenSignAlg: "RS256",
			oidcRPMetaDataOptionsUserIDAttr: "uid",
			oidcRPMetaDataOptionsBypassConsent: 1
		}
	}
}
