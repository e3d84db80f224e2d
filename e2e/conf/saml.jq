# Adds a SAML identity provider to the configuration of one LemonLDAP::NG, with
# Keystone's mod_auth_mellon as its only service provider.
# Arguments: key, certificate, metadata.

. + {
	issuerDBSAMLActivation: 1,
	samlServicePrivateKeySig: $key,
	samlServicePublicKeySig: $certificate,
	samlServiceUseCertificateInResponse: 1,
	samlSPMetaDataXML: {keystone: {samlSPMetaDataXML: $metadata}},
	samlSPMetaDataOptions: {
		keystone: {
			samlSPMetaDataOptionsCheckSSOMessageSignature: 1,
			samlSPMetaDataOptionsSignSSOMessage: 1
		}
	},
	samlSPMetaDataExportedAttributes: {
		keystone: {uid: "1;uid;urn:oasis:names:tc:SAML:2.0:attrname-format:basic;"}
	}
}
