package main

import (
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/viper"

	"github.com/annals-crm/annals/adapters/apiclient"
	"github.com/annals-crm/annals/adapters/httpapi"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain/access"
)

func newServiceAccount() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "service-account",
		Short: "Manage the accounts that programs call under",
		Long: `A service account stands for a program: what it is for, the person who answers for
it, and the roles it holds. Tokens are issued for it (crm token create
--service-account), as many as there are places it runs in. Disabling it ends all of
them at once and for good.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newServiceAccountCreate(), newServiceAccountChange(), newServiceAccountList(),
		newServiceAccountSwitch("disable", "End all tokens of a service account, for good",
			func(name, reason string) any { return commands.DisableServiceAccount{Name: name, Reason: reason} }),
		newServiceAccountSwitch("enable", "Let tokens be issued for a service account again",
			func(name, reason string) any { return commands.EnableServiceAccount{Name: name, Reason: reason} }),
	)
	return cmd
}

func newServiceAccountCreate() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "create NAME",
		Short:   "Let tokens be issued for a program",
		Example: "  crm service-account create web-shop --purpose 'registers customers who order' --responsible ann --role application",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			v, err := settings(cmd)
			if err != nil {
				return err
			}
			return send(cmd.Context(), v, "create-service-account", commands.CreateServiceAccount{
				Name: args[0], Purpose: v.GetString("purpose"), Responsible: v.GetString("responsible"), Roles: v.GetStringSlice("role"),
			})
		},
	}
	descriptionFlags(cmd)
	return cmd
}

func newServiceAccountChange() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "change NAME",
		Short:   "Say anew what a service account is for, who answers for it, or what it may do",
		Example: "  crm service-account change web-shop --responsible bob",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			v, err := settings(cmd)
			if err != nil {
				return err
			}
			c := commands.ChangeServiceAccount{Name: args[0], Roles: v.GetStringSlice("role")}
			if purpose := v.GetString("purpose"); purpose != "" {
				c.Purpose = &purpose
			}
			if responsible := v.GetString("responsible"); responsible != "" {
				c.Responsible = &responsible
			}
			return send(cmd.Context(), v, "change-service-account", c)
		},
	}
	descriptionFlags(cmd)
	return cmd
}

func descriptionFlags(cmd *cobra.Command) {
	cmd.Flags().String("purpose", "", "what the program is for")
	cmd.Flags().String("responsible", "", "the person who answers for it")
	cmd.Flags().StringSlice("role", nil, "what it may do: "+strings.Join(access.Roles, ", "))
	serverFlags(cmd.Flags())
}

func newServiceAccountSwitch(use, short string, command func(name, reason string) any) *cobra.Command {
	cmd := &cobra.Command{
		Use: use + " NAME", Short: short, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			v, err := settings(cmd)
			if err != nil {
				return err
			}
			return send(cmd.Context(), v, use+"-service-account", command(args[0], v.GetString("reason")))
		},
	}
	cmd.Flags().String("reason", "", "why")
	serverFlags(cmd.Flags())
	return cmd
}

func newServiceAccountList() *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "List service accounts", Args: cobra.NoArgs,
		RunE: withClient(func(cmd *cobra.Command, v *viper.Viper, client *apiclient.Client, _ []string) error {
			var all httpapi.ServiceAccountList
			if err := client.Get(cmd.Context(), "/v1/queries/service-accounts", nil, &all); err != nil {
				return err
			}
			if v.GetBool("json") {
				return printJSON(cmd.OutOrStdout(), all)
			}
			return printServiceAccounts(cmd.OutOrStdout(), all.Items)
		}),
	}
	cmd.Flags().Bool("json", false, "print the service accounts as JSON")
	serverFlags(cmd.Flags())
	return cmd
}

func printServiceAccounts(out io.Writer, all []httpapi.ServiceAccount) error {
	t := newTable(out)
	t.row("NAME", "ROLES", "TOKENS", "ENABLED", "RESPONSIBLE", "PURPOSE")
	for _, a := range all {
		enabled := "yes"
		if a.Disabled {
			enabled = "no"
		}
		t.row(a.Name, strings.Join(a.Roles, ", "), strconv.Itoa(a.Tokens), enabled, a.Responsible, a.Purpose)
	}
	return t.flush()
}
