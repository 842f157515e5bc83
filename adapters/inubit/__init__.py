"""The INUBIT dialect: XML REST."""
