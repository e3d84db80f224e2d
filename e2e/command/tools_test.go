package command_test

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strconv"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/config"
	"github.com/gophercloud/gophercloud/v2/openstack/config/clouds"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/gophercloud/utils/v2/openstack/clientconfig"
	"github.com/terraform-provider-openstack/utils/v2/auth"
	"github.com/terraform-provider-openstack/utils/v2/mutexkv"
)

// gophercloudTool is a program that reads the environment as gophercloud itself does.
func gophercloudTool() {
	options, err := openstack.AuthOptionsFromEnv()
	check(err)
	options.AllowReauth = true
	client, err := openstack.AuthenticatedClient(context.Background(), options)
	check(err)
	compute, err := openstack.NewComputeV2(client, gophercloud.EndpointOpts{Region: os.Getenv("OS_REGION_NAME")})
	check(err)
	report(client, compute.Endpoint)
}

// cloudName is the cloud that the user has named to a tool, or "".
func cloudName() string {
	if len(os.Args) < 2 {
		return ""
	}
	return os.Args[1]
}

// cloudsParseTool is a program that reads clouds.yaml as gophercloud itself does.
func cloudsParseTool() {
	ctx := context.Background()
	options, endpoint, tlsConfig, err := clouds.Parse(clouds.WithCloudName(cloudName()))
	check(err)
	client, err := config.NewProviderClient(ctx, options, config.WithTLSConfig(tlsConfig))
	check(err)
	compute, err := openstack.NewComputeV2(client, endpoint)
	check(err)
	report(client, compute.Endpoint)
}

// clientconfigTool stands for Packer and other tools that are configured by
// gophercloud/utils.
func clientconfigTool() {
	client, err := clientconfig.NewServiceClient(context.Background(), "compute", &clientconfig.ClientOpts{Cloud: cloudName()})
	check(err)
	report(client.ProviderClient, client.Endpoint)
}

// terraformTool configures itself as Terraform's OpenStack provider does: with the same
// variables, defaults and code.
func terraformTool() {
	first := func(names ...string) string {
		value := ""
		for _, name := range names {
			value = cmp.Or(value, os.Getenv(name))
		}
		return value
	}
	truth := func(name string) *bool {
		text := os.Getenv(name)
		if text == "" {
			return nil
		}
		value, err := strconv.ParseBool(text)
		if err != nil {
			check(fmt.Errorf("%s: %w", name, err))
		}
		return &value
	}
	system := truth("OS_SYSTEM_SCOPE")
	provider := auth.Config{
		CACertFile:                  first("OS_CACERT"),
		ClientCertFile:              first("OS_CERT"),
		ClientKeyFile:               first("OS_KEY"),
		Cloud:                       cmp.Or(cloudName(), first("OS_CLOUD")),
		DefaultDomain:               cmp.Or(first("OS_DEFAULT_DOMAIN"), "default"),
		DomainID:                    first("OS_DOMAIN_ID"),
		DomainName:                  first("OS_DOMAIN_NAME"),
		EndpointType:                first("OS_ENDPOINT_TYPE"),
		IdentityEndpoint:            first("OS_AUTH_URL"),
		Insecure:                    truth("OS_INSECURE"),
		Password:                    first("OS_PASSWORD"),
		ProjectDomainName:           first("OS_PROJECT_DOMAIN_NAME"),
		ProjectDomainID:             first("OS_PROJECT_DOMAIN_ID"),
		Region:                      first("OS_REGION_NAME"),
		TenantID:                    first("OS_TENANT_ID", "OS_PROJECT_ID"),
		TenantName:                  first("OS_TENANT_NAME", "OS_PROJECT_NAME"),
		Token:                       first("OS_TOKEN", "OS_AUTH_TOKEN"),
		UserDomainName:              first("OS_USER_DOMAIN_NAME"),
		UserDomainID:                first("OS_USER_DOMAIN_ID"),
		Username:                    first("OS_USERNAME"),
		UserID:                      first("OS_USER_ID"),
		ApplicationCredentialID:     first("OS_APPLICATION_CREDENTIAL_ID"),
		ApplicationCredentialName:   first("OS_APPLICATION_CREDENTIAL_NAME"),
		ApplicationCredentialSecret: first("OS_APPLICATION_CREDENTIAL_SECRET"),
		AllowReauth:                 true,
		DelayedAuth:                 true,
		AuthOpts:                    &gophercloud.AuthOptions{Scope: &gophercloud.AuthScope{System: system != nil && *system}},
		MutexKV:                     mutexkv.NewMutexKV(),
	}
	ctx := context.Background()
	check(provider.LoadAndValidate(ctx))
	compute, err := provider.ComputeV2Client(ctx, provider.Region)
	check(err)
	report(provider.OsClient, compute.Endpoint)
}

// report prints the user and project of a tool's token, and the endpoint it would use.
func report(client *gophercloud.ProviderClient, endpoint string) {
	identity, err := openstack.NewIdentityV3(client, gophercloud.EndpointOpts{})
	check(err)
	about := tokens.Get(context.Background(), identity, client.Token())
	user, err := about.ExtractUser()
	check(err)
	project, err := about.ExtractProject()
	check(err)
	fmt.Println(user.Name, project.Name, endpoint)
	keepAsking(identity)
}

// check ends a program that has failed.
func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
